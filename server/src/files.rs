//! Uploaded files: bytes under a random name in the data folder; what they mean stands in the database.

use std::path::PathBuf;

use uuid::Uuid;

use crate::error::{Error, Result};

/// The folder of uploaded files.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Files under a folder, which is made if absent.
    pub fn open(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder).map_err(outside)?;
        Ok(Self { folder })
    }

    /// Stores bytes under an id, durably: the file is complete or absent, never half-written.
    pub async fn put(&self, id: Uuid, bytes: Vec<u8>) -> Result<()> {
        let path = self.path(id);
        let work = move || -> std::io::Result<()> {
            use std::io::Write;
            let Some(folder) = path.parent() else { return Ok(()) };
            std::fs::create_dir_all(folder)?;
            let part = path.with_extension("part");
            let mut file = std::fs::File::create(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&part, &path)
        };
        tokio::task::spawn_blocking(work).await.map_err(outside)?.map_err(outside)
    }

    /// The bytes of a file.
    pub async fn get(&self, id: Uuid) -> Result<Vec<u8>> {
        tokio::fs::read(self.path(id)).await.map_err(outside)
    }

    /// Where a file lies, to be streamed.
    pub fn path(&self, id: Uuid) -> PathBuf {
        let name = id.simple().to_string();
        let shelf = name.get(name.len().saturating_sub(2)..).unwrap_or("00").to_owned();
        self.folder.join(shelf).join(name)
    }

    /// Removes a file that is not needed any more; its absence is fine.
    pub async fn remove(&self, id: Uuid) -> Result<()> {
        match tokio::fs::remove_file(self.path(id)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(outside(error)),
            _ => Ok(()),
        }
    }

    /// The folder itself, for backups.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

fn outside(error: impl std::fmt::Display) -> Error {
    Error::Outside { who: "the data folder", what: error.to_string() }
}
