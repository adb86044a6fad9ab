//! Files and folders: listing, copying, keys that tell whether inputs changed.

use crate::shell::{Context, Outcome};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Every file below the folder, in order; nothing when the folder is not there.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// A key that changes when a file of the list is added, removed, or written again.
pub fn state_key<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> String {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        if let Ok(facts) = file.metadata() {
            facts.len().hash(&mut hasher);
            let age = facts.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            age.hash(&mut hasher);
        }
    }
    format!("{:016x}", hasher.finish())
}

/// A key of the contents.
pub fn content_key<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Reads the file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).context(|| format!("reading {}", path.display()))
}

/// Writes the file and the folders above it.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context(|| format!("making {}", folder.display()))?;
    }
    std::fs::write(path, bytes).context(|| format!("writing {}", path.display()))
}

/// Copies the file, making the folders above it.
pub fn copy(from: &Path, to: &Path) -> Outcome {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).context(|| format!("making {}", folder.display()))?;
    }
    std::fs::copy(from, to).map(|_| ()).context(|| format!("copying {} to {}", from.display(), to.display()))
}

/// Removes a file or a folder with all that is in it; fine when it is not there.
pub fn remove(path: &Path) -> Outcome {
    let done = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match done {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("removing {}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Makes `to` hold the files of `from` and, apart from the names in `keep`, nothing else at its top.
pub fn mirror(from: &Path, to: &Path, keep: &[&str]) -> Outcome {
    std::fs::create_dir_all(to).context(|| format!("making {}", to.display()))?;
    for file in below(from) {
        if let Ok(inner) = file.strip_prefix(from)
            && !inner.as_os_str().to_string_lossy().starts_with('.')
        {
            copy(&file, &to.join(inner))?;
        }
    }
    for file in below(to) {
        let Ok(inner) = file.strip_prefix(to) else { continue };
        let top = inner.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        let kept = top.is_some_and(|top| keep.contains(&top.as_str()));
        if !kept && !from.join(inner).exists() {
            remove(&file)?;
        }
    }
    Ok(())
}
