//! Each family of SQLite errors ends in the right kind.

use super::*;
use rusqlite::ffi;

fn kind(code: i32) -> StoreError {
    of("write the task", failure(code, "text"))
}

fn failure(code: i32, text: &str) -> Error {
    Error::SqliteFailure(ffi::Error::new(code), Some(text.to_owned()))
}

#[test]
fn errors_are_sorted_by_what_the_caller_should_do() {
    for code in [ffi::SQLITE_BUSY, ffi::SQLITE_BUSY_SNAPSHOT, ffi::SQLITE_LOCKED] {
        assert_eq!(kind(code).code(), "busy", "{code}");
    }
    for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_CORRUPT_INDEX] {
        assert_eq!(kind(code).code(), "corrupt", "{code}");
    }
    for code in [ffi::SQLITE_FULL, ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN, ffi::SQLITE_IOERR] {
        assert_eq!(kind(code).code(), "unavailable", "{code}");
    }
    for code in [ffi::SQLITE_NOMEM, ffi::SQLITE_INTERRUPT, ffi::SQLITE_ABORT, ffi::SQLITE_NOLFS] {
        assert_eq!(kind(code).code(), "unavailable", "{code}");
    }
    for code in [ffi::SQLITE_MISUSE, ffi::SQLITE_CONSTRAINT, ffi::SQLITE_ERROR] {
        assert_eq!(kind(code).code(), "internal", "{code}");
    }
}

#[test]
fn the_text_keeps_the_first_cause_and_the_extended_code() {
    let error = kind(ffi::SQLITE_IOERR_FSYNC);
    assert_eq!(error.to_string(), "cannot write the task: text (SQLite code 1034)");
}

#[test]
fn a_full_disk_comes_with_a_hint() {
    let StoreError::Unavailable { hint, .. } = kind(ffi::SQLITE_FULL) else {
        panic!("a full disk is not unavailable");
    };
    assert!(hint.unwrap().0.contains("room"));
}

#[test]
fn want_of_memory_is_named_once_whatever_sqlite_could_still_say() {
    for text in ["kanban.db-wal", "out of memory"] {
        let error = of("write the task", failure(ffi::SQLITE_NOMEM, text)).to_string();
        assert_eq!(error.matches("out of memory").count(), 1, "{error}");
        assert!(error.contains(text), "{error}");
    }
}

#[test]
fn a_cause_is_what_sqlite_said_and_the_extended_code() {
    assert_eq!(cause(&failure(ffi::SQLITE_IOERR_FSYNC, "text")), "text (SQLite code 1034)");
    assert_eq!(cause(&Error::QueryReturnedNoRows), Error::QueryReturnedNoRows.to_string());
}

#[test]
fn a_value_of_the_wrong_type_is_damage_but_no_trouble_of_the_board() {
    let memory = rusqlite::Connection::open_in_memory().unwrap();
    let error = memory.query_row("SELECT 'x'", [], |row| row.get::<_, i64>(0)).unwrap_err();
    let error = of("read the task", error);
    assert_eq!((error.code(), error.is_board_trouble()), ("corrupt", false));
    assert!(kind(ffi::SQLITE_CORRUPT).is_board_trouble());
}
