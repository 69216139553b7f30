//! Whole-file replacement that survives a crash: a reader sees the old text or the new one,
//! never a part, and a write that was reported done is on the disk.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use super::BoardError;
use crate::private::{self, Durability};

/// Replaces the text of `path`, making its directories as needed. Callers hold the boards lock.
pub(super) fn write(path: &Path, text: &[u8]) -> Result<(), BoardError> {
    make_dirs(directory_of(path))?;
    private::replace(path, text, Durability::Synced)
        .map_err(|source| BoardError::io("write", path, source))
}

/// Removes a file; one that is missing already is fine.
pub(super) fn remove(path: &Path) -> Result<(), BoardError> {
    match fs::remove_file(path) {
        Ok(()) => sync_dir(directory_of(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BoardError::io("remove", path, error)),
    }
}

/// Makes a directory and those above it.
pub(super) fn make_dirs(dir: &Path) -> Result<(), BoardError> {
    private::make_dirs(dir).map_err(|source| BoardError::io("make directory", dir, source))
}

/// Makes a rename or removal in `dir` durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), BoardError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|source| BoardError::io("sync directory", dir, source))
}

fn directory_of(path: &Path) -> &Path {
    path.parent().expect("every file of a home lies in a directory")
}
