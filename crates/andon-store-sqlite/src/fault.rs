//! Turns errors of SQLite into errors of stores, by what the caller should do. It must not retry.

use andon_store::{BusyHolder, CorruptWhat, Hint, StoreError};
use rusqlite::{Error, ErrorCode};
use std::time::Duration;

/// Classifies an error that came at once.
pub(crate) fn of(doing: &'static str, error: Error) -> StoreError {
    of_waited(doing, Duration::ZERO, error)
}

/// Classifies an error that came after `waited`.
pub(crate) fn of_waited(doing: &'static str, waited: Duration, error: Error) -> StoreError {
    match error {
        Error::SqliteFailure(failure, ref message) => {
            let text = message.clone().unwrap_or_else(|| failure.to_string());
            of_failure(doing, waited, failure, text)
        }
        Error::SqlInputError { error: failure, msg, sql, .. } => {
            of_failure(doing, waited, failure, format!("{msg} in {sql:?}"))
        }
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..)
        | Error::InvalidColumnType(..) => {
            StoreError::Corrupt(CorruptWhat::Value(format!("cannot {doing}: {error}")))
        }
        other => StoreError::Internal(format!("cannot {doing}: {other}")),
    }
}

/// The first cause in SQLite's words, with the extended code, which names the system call.
pub(crate) fn cause(error: &Error) -> String {
    match error {
        Error::SqliteFailure(failure, message) => {
            let text = message.clone().unwrap_or_else(|| failure.to_string());
            format!("{text} (SQLite code {})", failure.extended_code)
        }
        other => other.to_string(),
    }
}

const NO_MEMORY: &str = "out of memory";

fn of_failure(
    doing: &'static str,
    waited: Duration,
    failure: rusqlite::ffi::Error,
    text: String,
) -> StoreError {
    let mut why = format!("{text} (SQLite code {})", failure.extended_code);
    if andon_faults::planted("fault.masked") {
        why = "something went wrong".to_owned();
    }
    let unavailable = |why: String, hint: Option<&str>| {
        let hint = hint.map(|hint| Hint(hint.to_owned()));
        StoreError::Unavailable { doing, why, hint }
    };
    match failure.code {
        // "Locking protocol" is what SQLite says after losing a hundred races for the log.
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => {
            let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
            StoreError::Busy { doing, waited_ms, holder: BusyHolder::default() }
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            StoreError::Corrupt(CorruptWhat::File(format!("cannot {doing}: {why}")))
        }
        ErrorCode::DiskFull => unavailable(why, Some("make room on the disk that holds the board")),
        ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::AuthorizationForStatementDenied => {
            unavailable(why, Some("make the board and its directory writable for this user"))
        }
        ErrorCode::CannotOpen => {
            unavailable(why, Some("check that the board's directory exists and is writable"))
        }
        ErrorCode::SystemIoFailure => unavailable(
            why,
            Some("the disk or its controller reported an error: see the kernel log"),
        ),
        // Where there is no memory for a message, the text is the file's name alone.
        ErrorCode::OutOfMemory if !why.contains(NO_MEMORY) => {
            unavailable(format!("{NO_MEMORY}: {why}"), None)
        }
        ErrorCode::OutOfMemory
        | ErrorCode::OperationInterrupted
        | ErrorCode::OperationAborted
        | ErrorCode::NoLargeFileSupport => unavailable(why, None),
        _ => StoreError::Internal(format!("cannot {doing}: {why}")),
    }
}

#[cfg(test)]
mod tests;
