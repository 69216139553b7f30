//! The copy itself: SQLite reads one state of the board and writes it into a file of ours.

use crate::connect::{self, ConnectOptions};
use crate::{exists, fault};
use andon_store::StoreError;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Everything in one step, and so out of one state of the board. Writers are not held up by it:
/// their pages go to the log meanwhile.
const ALL_PAGES: i32 = -1;

/// Copies the board at a path into an empty file of ours.
pub(crate) fn copy(
    board: &Path,
    into: &Path,
    options: &ConnectOptions,
    doing: &'static str,
) -> Result<(), StoreError> {
    let source = connect::open_file(board, options)?;
    copy_from(&source, into, doing)
}

/// Copies what a connection sees into an empty file of ours.
pub(crate) fn copy_from(
    source: &Connection,
    into: &Path,
    doing: &'static str,
) -> Result<(), StoreError> {
    let failed = |error| fault::of(doing, error);
    let mut target = open_copy(into, doing)?;
    let step = {
        let backup = Backup::new(source, &mut target).map_err(failed)?;
        backup.step(ALL_PAGES).map_err(failed)?
    };
    if step != StepResult::Done {
        return Err(StoreError::Busy { doing, waited_ms: 0, holder: Default::default() });
    }
    target.close().map_err(|(_, error)| failed(error))
}

/// Opens a copy that is ours alone: closing it may move its log into it.
pub(crate) fn open_copy(path: &Path, doing: &'static str) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error| fault::of(doing, error);
    let db = Connection::open_with_flags(path, flags).map_err(failed)?;
    if andon_faults::planted("copy.unsynced") {
        db.pragma_update(None, "synchronous", 0).map_err(failed)?;
    }
    Ok(db)
}

/// Opens a file that nobody changes, to read it: no lock is taken, and nothing appears beside it.
/// One with a log or a journal beside it is opened as a board is, because they belong to it.
pub(crate) fn open_sealed(path: &Path, options: &ConnectOptions) -> Result<Connection, StoreError> {
    let has = |suffix| exists::beside(path, suffix).exists();
    if has(exists::WAL) || has(exists::SHM) || has(exists::JOURNAL) {
        return connect::open_file(path, options);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(sealed_uri(path), flags)
        .map_err(|error| fault::of("open a backup", error))
}

/// The path as SQLite reads it with options behind it: everything but the plainest bytes is
/// written in hexadecimal.
fn sealed_uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri + "?immutable=1"
}
