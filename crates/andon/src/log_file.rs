//! Reading a task's log while its runner writes and rotates it.
//!
//! The runner renames the full file to `<log>.1` (and that to `.2`, …) and begins a new one. A
//! reader goes on from the file that it has open, through the rotated ones younger than it, to the
//! present one: nothing is skipped, and nothing is told twice.

use crate::error::CliError;
use crate::waiting::{Interruption, Interrupts};
use rustix::fs::OFlags;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Rotated files that are looked through: far more than a runner keeps.
const ROTATED_MAX: u32 = 100;

/// Longest time between two looks, where the system gives no sign of a change: a network file
/// system does not tell of other hosts' writes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A log file, open at the place from which it is to be told.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    path: PathBuf,
}

impl Opened {
    /// How much there is to tell at the moment.
    pub(crate) fn length(&self) -> Result<u64, CliError> {
        let length = || {
            let at = (&self.file).stream_position()?;
            Ok(self.file.metadata()?.len().saturating_sub(at))
        };
        length().map_err(|error: io::Error| {
            CliError::io(format!("cannot read {}", self.path.display()), &error)
        })
    }
}

/// Opens a log, to be told whole or from the last `tail` bytes on; none if there is none.
pub(crate) fn open(path: &Path, tail: Option<u64>) -> Result<Option<Opened>, CliError> {
    let failed = |error: &io::Error| CliError::io(format!("cannot read {}", path.display()), error);
    let Some(mut file) = open_file(path).map_err(|error| failed(&error))? else { return Ok(None) };
    if let Some(tail) = tail {
        let start = tail_start(&file, tail).map_err(|error| failed(&error))?;
        file.seek(SeekFrom::Start(start)).map_err(|error| failed(&error))?;
    }
    Ok(Some(Opened { file, path: path.to_owned() }))
}

/// Follows no link and waits for no pipe: a worker may be able to put one there.
fn open_file(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) if file.metadata()?.is_file() => Ok(Some(file)),
        Ok(_) => Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where the first whole line of the last `tail` bytes begins. Where that would leave nothing,
/// the window begins in the middle of a line (S33).
fn tail_start(file: &File, tail: u64) -> io::Result<u64> {
    let size = file.metadata()?.len();
    let Some(window) = size.checked_sub(tail).filter(|window| *window > 0) else { return Ok(0) };
    let mut chunk = vec![0; CHUNK_BYTES];
    // The byte before the window tells whether a line begins right at it.
    let mut at = window - 1;
    loop {
        let read = file.read_at(&mut chunk, at)?;
        if read == 0 {
            return Ok(window);
        }
        if let Some(end) = chunk[..read].iter().position(|byte| *byte == b'\n') {
            let start = at + end as u64 + 1;
            return Ok(if start < size { start } else { window });
        }
        at += read as u64;
    }
}

/// Hands on everything up to the present end.
pub(crate) fn copy(mut opened: Opened, mut take: impl FnMut(&[u8])) -> Result<(), CliError> {
    read_on(&mut opened, &mut |bytes| {
        take(bytes);
        Ok(())
    })
}

fn read_on(
    opened: &mut Opened,
    take: &mut impl FnMut(&[u8]) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match opened.file.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(bytes) => take(&chunk[..bytes])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                let doing = format!("cannot read {}", opened.path.display());
                return Err(CliError::io(doing, &error));
            }
        }
    }
}

/// Waits for a log to grow.
#[derive(Debug)]
pub(crate) struct Follower {
    path: PathBuf,
    changes: Option<OwnedFd>,
    interrupts: Interrupts,
}

impl Follower {
    /// Starts watching: what is written after this call is not missed.
    pub(crate) fn start(path: &Path) -> Result<Self, CliError> {
        let interrupts = Interrupts::take()?;
        Ok(Self { path: path.to_owned(), changes: watch(path), interrupts })
    }

    /// Hands on everything that is and will be written, until Ctrl-C.
    pub(crate) fn follow(
        &mut self,
        opened: Option<Opened>,
        mut take: impl FnMut(&[u8]) -> Result<(), CliError>,
    ) -> Result<Interruption, CliError> {
        let mut current = opened;
        loop {
            match &mut current {
                None => current = open(&self.path, None)?,
                Some(opened) => {
                    read_on(opened, &mut take)?;
                    let next = self.younger_than(opened)?;
                    if !next.is_empty() {
                        // What came between the last read and the rotation.
                        read_on(opened, &mut take)?;
                    }
                    for mut younger in next {
                        read_on(&mut younger, &mut take)?;
                        current = Some(younger);
                    }
                }
            }
            if current.is_none() || self.changes.is_none() {
                self.changes = self.changes.take().or_else(|| watch(&self.path));
            }
            if let Some(why) = self.sleep()? {
                return Ok(why);
            }
        }
    }

    /// The files begun after `opened`, oldest first; none while it is the present one.
    fn younger_than(&self, opened: &Opened) -> Result<Vec<Opened>, CliError> {
        let failed = |error| CliError::io(format!("cannot read {}", self.path.display()), &error);
        let inode = |file: &File| file.metadata().map(|metadata| (metadata.dev(), metadata.ino()));
        let ours = inode(&opened.file).map_err(failed)?;
        let mut younger = Vec::new();
        for number in 0..=ROTATED_MAX {
            let path = match number {
                0 => self.path.clone(),
                number => PathBuf::from(format!("{}.{number}", self.path.display())),
            };
            match open_file(&path).map_err(failed)? {
                // Between the two steps of a rotation there is no present file.
                None if number == 0 => {}
                None => break,
                Some(file) if inode(&file).map_err(failed)? == ours => break,
                Some(file) => younger.push(Opened { file, path }),
            }
        }
        younger.reverse();
        Ok(younger)
    }

    /// Sleeps until the log may have grown; says if an end is wanted instead.
    fn sleep(&self) -> Result<Option<Interruption>, CliError> {
        let wake = self.changes.as_ref().map(AsFd::as_fd);
        let interrupted = self.interrupts.sleep(wake, LOOK_EVERY)?;
        if let Some(changes) = &self.changes {
            let mut events = [0_u8; 4_096];
            // What changed does not matter, only that something did.
            while rustix::io::read(changes, &mut events).is_ok_and(|bytes| bytes > 0) {}
        }
        Ok(interrupted)
    }
}

/// Watches the log's directory, in which the log may not exist yet.
fn watch(path: &Path) -> Option<OwnedFd> {
    let changes = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
    let flags = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO;
    inotify::add_watch(&changes, path.parent()?, flags).ok()?;
    Some(changes)
}

#[cfg(test)]
mod tests;
