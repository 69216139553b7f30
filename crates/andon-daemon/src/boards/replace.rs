//! Whole-file replacement that survives a crash: a reader sees the old text or the new one,
//! never a part, and a write that was reported done is on the disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::BoardError;

/// Boards are private to their user.
pub(super) const FILE_MODE: u32 = 0o600;
const DIR_MODE: u32 = 0o700;

/// Replaces the text of `path`, making its directories as needed. Callers hold the boards lock,
/// so that one temporary name is enough and a left-over one is simply overwritten.
pub(super) fn write(path: &Path, text: &[u8]) -> Result<(), BoardError> {
    let dir = directory_of(path);
    make_dirs(dir)?;
    let temporary = temporary_of(path);
    let written = write_synced(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    if let Err(source) = written {
        // The first error is the one to report; a temporary file that stays does no harm.
        drop(fs::remove_file(&temporary));
        return Err(BoardError::io("write", path, source));
    }
    sync_dir(dir)
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
    DirBuilder::new()
        .recursive(true)
        .mode(DIR_MODE)
        .create(dir)
        .map_err(|source| BoardError::io("make directory", dir, source))
}

/// Makes a rename or removal in `dir` durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), BoardError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|source| BoardError::io("sync directory", dir, source))
}

fn write_synced(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

fn temporary_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

fn directory_of(path: &Path) -> &Path {
    path.parent().expect("every file of a home lies in a directory")
}
