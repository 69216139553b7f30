//! A task's log file: private, appended to, rotated by size. Follows no symbolic link, because the
//! worker itself may be able to put one in its place.

use rustix::fs::{AtFlags, FileType, Mode, OFlags, fchmod, fstat, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// When a log is rotated, and what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Size above which a new file is begun.
    pub rotate_bytes: u64,
    /// Old files kept, as `.log.1` (the youngest) and up. With 0 the old content is discarded.
    pub backups: u32,
}

impl Default for Rotation {
    /// The peer's defaults, so that logs look the same after a change of program.
    fn default() -> Self {
        Self { rotate_bytes: 2 * 1024 * 1024, backups: 1 }
    }
}

/// A log could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("log {path}: {source}")]
pub struct LogError {
    path: PathBuf,
    source: io::Error,
}

/// An open log.
#[derive(Debug)]
pub struct Log {
    directory: OwnedFd,
    name: OsString,
    /// Absent after a failed rotation or opening; tried again at the next output.
    file: Option<File>,
    size: u64,
    rotation: Rotation,
    /// What is missing at the end of the file, and why; the file says so once it can be written.
    missing: Option<Missing>,
}

#[derive(Debug)]
struct Missing {
    bytes: u64,
    why: String,
}

impl Log {
    /// Opens the log for appending. Makes its directory (mode 0700) and the file (0600) if absent.
    pub fn open(path: &Path, rotation: Rotation) -> Result<Self, LogError> {
        Self::try_open(path, rotation).map_err(|source| LogError { path: path.to_owned(), source })
    }

    fn try_open(path: &Path, rotation: Rotation) -> io::Result<Self> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the path of a file"));
        };
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(parent, flags, Mode::empty())?;
        let (file, size) = open_file(&directory, name)?;
        Ok(Self {
            directory,
            name: name.to_owned(),
            file: Some(file),
            size,
            rotation,
            missing: None,
        })
    }

    /// Appends, and rotates first where the file would grow above its size. On failure says how
    /// many bytes were lost.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), (io::Error, usize)> {
        let told = self.tell_missing().map_err(|error| (error, bytes.len()));
        let written = told.and_then(|()| self.put(bytes));
        if let Err((error, lost)) = &written
            && *lost > 0
        {
            let why = || Missing { bytes: 0, why: error.to_string() };
            self.missing.get_or_insert_with(why).bytes += *lost as u64;
        }
        written
    }

    /// Says in the file itself what is missing there, if anything is.
    pub(super) fn tell_missing(&mut self) -> io::Result<()> {
        let Some(Missing { bytes, why }) = &self.missing else { return Ok(()) };
        let text = format!("\n[{bytes} bytes of output are missing here: {why}]\n");
        match self.put(text.as_bytes()) {
            // A failed rotation alone loses nothing.
            Ok(()) | Err((_, 0)) => {
                self.missing = None;
                Ok(())
            }
            Err((error, _)) => Err(error),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), (io::Error, usize)> {
        let full = self.size > 0 && self.size + bytes.len() as u64 > self.rotation.rotate_bytes;
        // A rotation that fails must not cost the output; the file grows until one succeeds.
        let rotated = if full { self.rotate() } else { Ok(()) };
        if self.file.is_none() {
            let (file, size) =
                open_file(&self.directory, &self.name).map_err(|error| (error, bytes.len()))?;
            (self.file, self.size) = (Some(file), size);
        }
        let mut rest = bytes;
        while let Some(file) = self.file.as_mut().filter(|_| !rest.is_empty()) {
            match file.write(rest) {
                Ok(0) => return Err((io::ErrorKind::WriteZero.into(), rest.len())),
                Ok(written) => {
                    self.size += written as u64;
                    rest = &rest[written..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err((error, rest.len())),
            }
        }
        rotated.map_err(|error| (error, 0))
    }

    fn rotate(&mut self) -> io::Result<()> {
        if self.rotation.backups == 0 {
            absent_is_fine(unlinkat(&self.directory, &self.name, AtFlags::empty()))?;
        }
        // From the oldest on: each takes the place of the one above it, the last one's is lost.
        for number in (1..=self.rotation.backups).rev() {
            let from = if number == 1 { self.name.clone() } else { self.backup(number - 1) };
            let to = self.backup(number);
            absent_is_fine(renameat(&self.directory, &from, &self.directory, &to))?;
        }
        self.file = None;
        Ok(())
    }

    fn backup(&self, number: u32) -> OsString {
        let mut name = self.name.clone();
        name.push(format!(".{number}"));
        name
    }
}

fn absent_is_fine(done: Result<(), Errno>) -> io::Result<()> {
    match done {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn open_file(directory: &OwnedFd, name: &OsStr) -> io::Result<(File, u64)> {
    // Without NONBLOCK a pipe in the log's place would hang the runner here.
    let flags = OFlags::WRONLY
        | OFlags::APPEND
        | OFlags::CREATE
        | OFlags::NOFOLLOW
        | OFlags::NONBLOCK
        | OFlags::NOCTTY
        | OFlags::CLOEXEC;
    let file =
        openat(directory, name, flags, Mode::RUSR | Mode::WUSR).map_err(|error| match error {
            Errno::LOOP => io::Error::new(io::ErrorKind::InvalidInput, "is a symbolic link"),
            other => other.into(),
        })?;
    let stat = fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file"));
    }
    if stat.st_mode & 0o077 != 0 {
        // An older log may be readable by all; what is appended now may hold secrets.
        fchmod(&file, Mode::RUSR | Mode::WUSR)?;
    }
    Ok((File::from(file), u64::try_from(stat.st_size).unwrap_or(0)))
}
