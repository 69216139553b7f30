//! Why a file is not opened, each cause in its own words. It must not read the file but through
//! SQLite: what is said here comes from its errors and from sizes.

use crate::exists::{self, WAL};
use crate::{fault, filesystem, schema};
use andon_store::{Hint, StoreError};
use rusqlite::{Connection, Error, ErrorCode};
use std::path::Path;

/// SQLite's smallest page. No database is shorter.
const PAGE_BYTES_MIN: u64 = 512;

const RESTORE: &str = "restore it with `andon restore latest`, or save what is readable into a new \
                       file with `andon repair`";

/// Explains an error from the first read of the header.
pub(crate) fn unreadable(path: &Path, connection: &Connection, error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => not_a_database(path),
        Some(ErrorCode::DatabaseCorrupt) if is_short(connection) => refused(
            path,
            format!("the file is truncated: {} bytes are fewer than its header says", size(path)),
            RESTORE,
        ),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            filesystem::require_writable(path, exists::directory(path))
                .err()
                .unwrap_or_else(|| fault::of("open the board", error))
        }
        _ => fault::of("open the board", error),
    }
}

fn not_a_database(path: &Path) -> StoreError {
    let bytes = size(path);
    if bytes < PAGE_BYTES_MIN {
        return refused(
            path,
            format!("it is not a database: {bytes} bytes are too few for one"),
            "name the board's file, usually kanban.db; if this was the board, restore it from a \
             backup",
        );
    }
    refused(
        path,
        "it has no SQLite header: it is another kind of file, encrypted, or overwritten".to_owned(),
        "name the board's file, usually kanban.db; decrypt it if it is encrypted; if this was the \
         board, restore it from a backup",
    )
}

/// SQLite refuses a file with fewer pages than its header counts, with an error that it also uses
/// for worse; told to let the schema be repaired, it takes the file as it is.
fn is_short(connection: &Connection) -> bool {
    let lenient = connection.pragma_update(None, "writable_schema", true);
    lenient.and_then(|()| schema::recognise(connection)).is_ok()
}

/// Refuses a file that ends within a page. Only if there is no log: a checkpoint may be writing the
/// last page at this moment, and a log makes the file's length mean nothing.
pub(super) fn require_whole(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let page: u32 = connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .map_err(|error| fault::of("open the board", error))?;
    let log = exists::beside(path, WAL);
    let was_quiet = size(&log) == 0;
    let bytes = size(path);
    if was_quiet && !bytes.is_multiple_of(u64::from(page)) && size(&log) == 0 {
        return Err(refused(
            path,
            format!("the file is truncated: {bytes} bytes are no whole number of {page}"),
            RESTORE,
        ));
    }
    Ok(())
}

/// The refusal of a board that a newer release has opened.
pub(crate) fn newer(path: &Path, version: i32) -> StoreError {
    let known = schema::USER_VERSION;
    refused(
        path,
        format!("its schema {version} is newer than the newest that this program knows, {known}"),
        "update andon",
    )
}

/// The refusal of another program's database.
pub(crate) fn foreign(path: &Path, application_id: i32, version: i32) -> StoreError {
    refused(
        path,
        format!(
            "it belongs to another program (application id {application_id:#010x}, version \
             {version})"
        ),
        "name the board's file, usually kanban.db",
    )
}

/// The refusal of a database that holds no board.
pub(crate) fn without_tasks(path: &Path) -> StoreError {
    refused(
        path,
        "the database holds no board: it has no table tasks".to_owned(),
        "name the board's file, usually kanban.db; if nothing was ever stored in this one, move it \
         away and create a new board",
    )
}

/// Bytes of a file; of one that is not there, none.
fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |found| found.len())
}

fn refused(path: &Path, why: String, hint: &str) -> StoreError {
    StoreError::Refused { path: path.to_owned(), why, hint: Some(Hint(hint.to_owned())) }
}
