//! What stands at a path, told by names and sizes alone. It must not open anything.

use crate::filesystem;
use andon_core::time::Timestamp;
use andon_store::{Hint, StoreError};
use rustix::fs::{AtFlags, FileType, StatxFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The write-ahead log.
pub(crate) const WAL: &str = "-wal";
/// The index of the log, shared between processes.
pub(crate) const SHM: &str = "-shm";
/// The journal of a file that is not in WAL mode.
pub(crate) const JOURNAL: &str = "-journal";
/// The lock of first opens and migrations, shared with the peer.
pub(crate) const INIT_LOCK: &str = ".init.lock";
/// The queue of writers.
pub(crate) const WRITER_LOCK: &str = andon_vfs::LOCK_FILE;
/// The lock of the one dispatcher, shared with the peer.
pub(crate) const DISPATCH_LOCK: &str = ".dispatch.lock";
/// The lock of those who make backups, in their directory.
pub(crate) const BACKUP_LOCK: &str = ".lock";
/// A copy made before the first migration; the time follows.
pub(crate) const BEFORE: &str = ".before-andon-";
/// A copy made before something was mended; the time follows.
pub(crate) const BEFORE_MENDING: &str = ".before-mending-andon-";
/// A backup, in a directory of its own; the time follows.
pub(crate) const KEPT: &str = ".andon-";
/// A board that was moved aside for a backup; the time follows.
pub(crate) const REPLACED: &str = ".replaced-andon-";
/// A copy of a broken file; what is in it follows as a number.
pub(crate) const BROKEN: &str = ".broken-andon-";
/// What follows the time.
pub(crate) const BACKUP: &str = ".bak";

/// Files that appear only once there was a board. The init lock is none of them: it comes first.
const TRACES: [&str; 5] = [WAL, SHM, JOURNAL, WRITER_LOCK, DISPATCH_LOCK];

/// What a path holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// No file, and no sign that there ever was one.
    Nothing,
    /// No file, but what a board leaves behind.
    Gone {
        /// Files that tell of it, full paths.
        traces: Vec<PathBuf>,
    },
    /// A file without any byte.
    Empty,
    /// A file with content.
    File,
    /// A directory, a socket, a device.
    NotAFile {
        /// What it is.
        what: &'static str,
    },
}

/// Bytes of an open file. The times of a file must not be asked for, see `guard`.
pub(crate) fn size_of(file: &File) -> std::io::Result<u64> {
    let found = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::SIZE)?;
    Ok(found.stx_size)
}

/// `path` with `suffix` behind its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

/// The directory that holds the board.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// The one true path of a board: SQLite puts the log beside the file that a link points to, and
/// the locks must stand there too. A path that holds nothing is completed from its directory.
pub(crate) fn locate(path: &Path) -> Result<PathBuf, StoreError> {
    let refused = |error: std::io::Error| {
        let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO);
        filesystem::denied(path, path, errno)
    };
    match path.canonicalize() {
        Ok(found) => Ok(found),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            match path.symlink_metadata() {
                Ok(found) if found.is_symlink() => {
                    return Err(missing(path, "it is a link that leads nowhere".to_owned()));
                }
                // Somebody made the board between the two looks.
                Ok(_) => return path.canonicalize().map_err(refused),
                Err(_) => {}
            }
            let Some(name) = path.file_name() else {
                return Err(missing(path, "the path names no file".to_owned()));
            };
            match directory(path).canonicalize() {
                Ok(parent) => Ok(parent.join(name)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    Err(missing(path, "its directory does not exist".to_owned()))
                }
                Err(error) => Err(refused(error)),
            }
        }
        Err(error) => Err(refused(error)),
    }
}

/// Looks at a located path.
pub(crate) fn look(path: &Path) -> Result<Finding, StoreError> {
    let found = match rustix::fs::stat(path) {
        Ok(found) => found,
        Err(Errno::NOENT | Errno::NOTDIR) => {
            let traces = traces(path);
            if traces.is_empty() {
                return Ok(Finding::Nothing);
            }
            // A board that was made between the two looks leaves the same traces.
            let was_made_meanwhile = rustix::fs::stat(path).is_ok();
            return Ok(if was_made_meanwhile { Finding::File } else { Finding::Gone { traces } });
        }
        Err(errno) => return Err(filesystem::denied(path, path, errno)),
    };
    Ok(match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile if found.st_size == 0 => Finding::Empty,
        FileType::RegularFile => Finding::File,
        FileType::Directory => Finding::NotAFile { what: "a directory" },
        FileType::Socket => Finding::NotAFile { what: "a socket" },
        FileType::Fifo => Finding::NotAFile { what: "a pipe" },
        FileType::BlockDevice | FileType::CharacterDevice => Finding::NotAFile { what: "a device" },
        FileType::Symlink | FileType::Unknown => Finding::NotAFile { what: "no plain file" },
    })
}

fn traces(path: &Path) -> Vec<PathBuf> {
    let mut traces: Vec<PathBuf> = TRACES
        .iter()
        .map(|suffix| beside(path, suffix))
        .filter(|trace| rustix::fs::lstat(trace).is_ok())
        .collect();
    let kinds = [BEFORE, BEFORE_MENDING, REPLACED];
    traces.extend(kinds.into_iter().flat_map(|beginning| copies(path, beginning)));
    traces.extend(crate::replace::unfinished(path));
    traces.extend(crate::broken::copies(path));
    traces
}

/// Copies of the board that were left beside it under names with this beginning, oldest first. Only
/// names that this program gives count.
pub(crate) fn copies(path: &Path, beginning: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory(path)) else { return Vec::new() };
    let mut found: Vec<((Timestamp, u32), PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((place(path, beginning, &entry.file_name())?, entry.path())))
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// What stands behind the board's name in that of its nth copy of a second.
pub(crate) fn copy_name(beginning: &str, at: Timestamp, nth: u32) -> String {
    let more = if nth > 1 { format!("-{nth}") } else { String::new() };
    format!("{beginning}{}{more}{BACKUP}", at.0)
}

/// When a copy was made, as its name tells.
pub(crate) fn copied_at(path: &Path, beginning: &str, copy: &Path) -> Option<Timestamp> {
    place(path, beginning, copy.file_name()?).map(|(at, _)| at)
}

/// Time and number in the name of a copy; nothing if it is not one that [`copy_name`] gives.
fn place(path: &Path, beginning: &str, name: &OsStr) -> Option<(Timestamp, u32)> {
    let rest = name.to_str()?.strip_prefix(path.file_name()?.to_str()?)?;
    let (at, nth) = match rest.strip_prefix(beginning)?.strip_suffix(BACKUP)?.split_once('-') {
        Some((at, nth)) => (at, nth.parse().ok()?),
        None => (rest.strip_prefix(beginning)?.strip_suffix(BACKUP)?, 1),
    };
    let at = Timestamp(at.parse().ok()?);
    (copy_name(beginning, at, nth) == rest).then_some((at, nth))
}

/// The error for a path that holds no board, and never did.
pub(crate) fn missing(path: &Path, why: String) -> StoreError {
    StoreError::Missing { path: path.to_owned(), why }
}

/// The refusal of everything that is not a file with content.
pub(crate) fn refuse(path: &Path, finding: &Finding) -> Result<(), StoreError> {
    let (why, hint) = match finding {
        Finding::File => return Ok(()),
        Finding::Nothing => return Err(missing(path, "there is no such file".to_owned())),
        Finding::Gone { traces } => (
            format!("the file is missing, but there was a board: {} is left", shown(traces)),
            "bring it back with `andon restore latest`, or put the file back, or save what is left \
             with `andon repair`; if it is not wanted any more, remove what is left and create a \
             new board",
        ),
        Finding::Empty => (
            "the file is empty".to_owned(),
            "restore it with `andon restore latest`; if nothing was ever stored in it, remove it \
             and create a new board",
        ),
        Finding::NotAFile { what } => {
            (format!("it is {what}"), "name the board's file, usually kanban.db")
        }
    };
    Err(StoreError::Refused { path: path.to_owned(), why, hint: Some(Hint(hint.to_owned())) })
}

fn shown(traces: &[PathBuf]) -> String {
    let names = traces.iter().filter_map(|trace| trace.file_name());
    names.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join(", ")
}
