//! A backup: one file with everything, a plain tar archive that any machine can unpack.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::kit::Kit;

/// The unit of an archive.
const BLOCK: usize = 512;

/// Writes the database, as it stands at one instant, and every uploaded file into a new archive.
///
/// On Postgres the archive holds the files alone. The archive is complete or absent.
pub async fn write(kit: &Kit, archive: &Path) -> Result<()> {
    if archive.exists() {
        let what = format!("{} exists already", archive.display());
        return Err(Error::Outside { who: "the backup", what });
    }
    let (part, copy) = (beside(archive, "part"), beside(archive, "sqlite"));
    let database = !kit.db.is_postgres();
    if database {
        kit.db.copy_sqlite(&copy).await?;
    }
    let (archive, files, now) = (archive.to_owned(), kit.files.folder().to_owned(), kit.now().seconds());
    let work = move || -> io::Result<()> {
        let mut tar = Tar { file: File::create(&part)?, now };
        if database {
            tar.add("leitai.sqlite", &copy)?;
            fs::remove_file(&copy)?;
        }
        tar.add_folder("files", &files)?;
        tar.end()?;
        fs::rename(&part, &archive)
    };
    let outside = |error: io::Error| Error::Outside { who: "the backup", what: error.to_string() };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::bug(error.to_string()))?.map_err(outside)
}

/// A path next to another one, for what is not complete yet.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

struct Tar {
    file: File,
    now: i64,
}

impl Tar {
    fn add_folder(&mut self, name: &str, folder: &Path) -> io::Result<()> {
        let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.add_folder(&inner, &entry.path())?;
            } else {
                self.add(&inner, &entry.path())?;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, path: &Path) -> io::Result<()> {
        let mut source = File::open(path)?;
        let size = source.metadata()?.len();
        self.file.write_all(&header(name, size, self.now)?)?;
        let copied = io::copy(&mut source, &mut self.file)?;
        if copied != size {
            return Err(io::Error::other(format!("{} changed while it was read", path.display())));
        }
        let rest = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        if rest > 0 {
            self.file.write_all(&vec![0; BLOCK - rest])?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.file.write_all(&[0; 2 * BLOCK])?;
        self.file.sync_all()
    }
}

/// The header of a file in POSIX's `ustar` form.
fn header(name: &str, size: u64, now: i64) -> io::Result<Vec<u8>> {
    let size = format!("{size:011o}");
    if name.len() > 100 || size.len() > 11 {
        return Err(io::Error::other(format!("{name} does not fit into an archive")));
    }
    // Fields by width: name, mode, owner, group, size, time; the sum counts its own field as blanks.
    let front = |sum: &str| {
        let mut bytes = Vec::with_capacity(BLOCK);
        let time = format!("{:011o}", now.max(0));
        let fields =
            [(name, 100), ("0000600", 8), ("0000000", 8), ("0000000", 8), (&size, 12), (&time, 12), (sum, 8)];
        for (text, width) in fields {
            bytes.extend_from_slice(text.as_bytes());
            bytes.resize(bytes.len() + width - text.len(), 0);
        }
        bytes.push(b'0');
        bytes.resize(257, 0);
        bytes.extend_from_slice(b"ustar\x0000");
        bytes.resize(BLOCK, 0);
        bytes
    };
    let sum: u64 = front("        ").iter().map(|byte| u64::from(*byte)).sum();
    Ok(front(&format!("{sum:06o}\0 ")))
}
