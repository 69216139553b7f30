//! Files and directories of the home: for their owner alone, whatever the umask, and never written
//! through a link. A link in a file's place was put there by somebody else: what is written must
//! not land where it leads. Directories may be links; that is how a home is spread over disks.
//!
//! It must never be given the path of a database: opening one cancels SQLite's locks.

use rustix::fs::{AtFlags, Mode, OFlags, fstat, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Boards hold prompts and results: they are private to their user.
const FILE_MODE: u32 = 0o600;
const DIR_MODE: u32 = 0o700;

/// Tries to make a temporary file. Only somebody who puts files into its place all the time makes
/// the second one fail, and such a directory is not ours to write in.
const TEMPORARY_TRIES_MAX: u32 = 16;

/// What a replacement survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power failure: it is on the disk when the call returns.
    Synced,
    /// The death of a process; after a power failure it is found out or made anew.
    Unsynced,
}

/// Makes a directory and those above it that are missing.
pub fn make_dirs(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(DIR_MODE).create(dir)
}

/// Opens a file that is locked and never written, and makes it where there is none.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(FILE_MODE);
    let file = options.custom_flags(bits(OFlags::NOFOLLOW)).open(path).map_err(in_words)?;
    require_regular(&file)?;
    Ok(file)
}

/// Opens a file to read it. A link is followed: people keep their settings elsewhere. Nothing but a
/// regular file is read, because a pipe would be waited for.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(bits(OFlags::empty())).open(path)?;
    require_regular(&file)?;
    Ok(file)
}

/// Replaces the text of `path`: a reader sees the old text or the new one, never a part. Callers
/// see to it that nobody else replaces the same file at the same time, so that one temporary name
/// is enough and a left-over one is simply removed.
pub fn replace(path: &Path, text: &[u8], durability: Durability) -> io::Result<()> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not the path of a file"));
    };
    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    // All happens in this directory, also if its name leads elsewhere meanwhile.
    let dir = rustix::fs::open(parent, flags, Mode::empty())?;
    let mut temporary = name.to_owned();
    temporary.push(".tmp");
    let written = create_new(&dir, &temporary).and_then(|mut file| {
        file.write_all(text)?;
        match durability {
            Durability::Synced => file.sync_all(),
            Durability::Unsynced => Ok(()),
        }
    });
    let renamed = written.and_then(|()| Ok(renameat(&dir, &temporary, &dir, name)?));
    if let Err(error) = renamed {
        // The first error is the one to report; a temporary file that stays does no harm.
        let _left = unlinkat(&dir, &temporary, AtFlags::empty());
        return Err(error);
    }
    match durability {
        Durability::Synced => Ok(rustix::fs::fsync(&dir)?),
        Durability::Unsynced => Ok(()),
    }
}

/// A new file in the place of whatever has its name.
fn create_new(dir: &OwnedFd, name: &std::ffi::OsStr) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for _ in 0..TEMPORARY_TRIES_MAX {
        match openat(dir, name, flags, Mode::from_raw_mode(FILE_MODE)) {
            Ok(file) => return Ok(File::from(file)),
            Err(Errno::EXIST) => match unlinkat(dir, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "another program keeps making its temporary file"))
}

/// Flags of every opening: without `NONBLOCK` a pipe in the file's place would hang the caller.
fn bits(more: OFlags) -> i32 {
    (OFlags::NONBLOCK | OFlags::NOCTTY | more).bits().cast_signed()
}

fn require_regular(file: &File) -> io::Result<()> {
    let mode = fstat(file)?.st_mode;
    if rustix::fs::FileType::from_raw_mode(mode) == rustix::fs::FileType::RegularFile {
        return Ok(());
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file"))
}

/// "Too many levels of symbolic links" says nothing to somebody who sees one.
fn in_words(error: io::Error) -> io::Error {
    if Errno::from_io_error(&error) == Some(Errno::LOOP) {
        return io::Error::new(ErrorKind::InvalidInput, "it is a symbolic link");
    }
    error
}

#[cfg(test)]
mod tests;
