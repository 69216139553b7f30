//! One connection to an existing board, with every setting read back. It must not create a file,
//! change the journal mode or touch the schema: that is `open`.

use crate::exists;
use crate::{fault, finds, witness};
use andon_store::{Hint, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Changes the board. One in each process.
    Writer,
    /// Only reads; SQLite refuses everything else.
    Reader,
}

/// How to connect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectOptions {
    /// How long SQLite waits for another process before it answers that the board is busy.
    pub(crate) busy: Duration,
}

/// Prepared statements kept by a connection: about as many as the store has texts.
const STATEMENTS_MAX: usize = 64;

/// Page cache of a writer in KiB, written as SQLite wants it: what a busy board touches again and
/// again. It fills with use, so a runner, which touches a few pages, has a small one.
const CACHE_KIB_WRITER: i64 = -8192;
/// Page cache of a writer in pages where a test wants it small: transactions then write to the log
/// long before their commit.
const CACHE_PAGES_SMALL: i64 = 1;
/// Page cache of a reader in KiB. Readers ask for few rows at a time.
const CACHE_KIB_READER: i64 = -512;

const DOING: &str = "open the board";

/// Opens an existing board for `role`.
pub(crate) fn connect(
    path: &Path,
    role: Role,
    options: &ConnectOptions,
) -> Result<Connection, StoreError> {
    let connection = open_file(path, options)?;
    configure(&connection, path, role)?;
    Ok(connection)
}

/// Opens the file, and nothing more. Closing never checkpoints: that setting comes before the first
/// read, so that no way out of here can take the log from under other processes.
pub(crate) fn open_file(path: &Path, options: &ConnectOptions) -> Result<Connection, StoreError> {
    open_file_as(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options)
}

/// The same, for reading and writing or for reading only.
pub(crate) fn open_file_as(
    path: &Path,
    mode: OpenFlags,
    options: &ConnectOptions,
) -> Result<Connection, StoreError> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let vfs = andon_vfs::collecting().map_err(|error| StoreError::Internal(error.to_string()))?;
    witness::look(path)?;
    let connection = Connection::open_with_flags_and_vfs(path, flags, vfs).map_err(|error| {
        exists::look(path)
            .and_then(|finding| exists::refuse(path, &finding))
            .err()
            .unwrap_or_else(|| fault::of(DOING, error))
    })?;
    let failed = |error| fault::of(DOING, error);
    connection.busy_timeout(options.busy).map_err(failed)?;
    if andon_faults::planted("connect.checkpoint-on-close") {
        return Ok(connection);
    }
    for (config, name, wanted) in CONFIGS {
        let found = connection.set_db_config(config, wanted).map_err(failed)?;
        if found != wanted {
            return Err(disobeyed(name, &wanted.to_string(), &found.to_string()));
        }
    }
    Ok(connection)
}

/// What no connection does, whatever stands in the file. Boards have neither triggers nor views: in
/// one that does, what a command wrote would be changed by something that nobody decided.
const CONFIGS: [(DbConfig, &str, bool); 3] = [
    (DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, "no_ckpt_on_close", true),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, "enable_trigger", false),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, "enable_view", false),
];

/// Makes every setting, reads it back, and requires WAL mode.
pub(crate) fn configure(
    connection: &Connection,
    path: &Path,
    role: Role,
) -> Result<(), StoreError> {
    settle(connection, role)?;
    if journal_mode(connection)? != WAL_MODE {
        return Err(StoreError::Refused {
            path: path.to_owned(),
            why: "it is not in WAL mode".to_owned(),
            hint: Some(Hint("another program changed the mode; open the board again".to_owned())),
        });
    }
    Ok(())
}

/// Makes every setting that belongs to a connection, and reads it back.
pub(crate) fn settle(connection: &Connection, role: Role) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // A plan depends on the statement alone: without this, statistics make SQLite prepare a
    // statement anew for each value bound to it, which costs more than most of them do.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| fault::of(DOING, error))?;
    match role {
        Role::Reader => finds::install(connection).map_err(|error| fault::of(DOING, error))?,
        Role::Writer => {}
    }
    for (pragma, wanted) in settings(role) {
        let wanted = if pragma == "synchronous" { mistaken(wanted) } else { wanted };
        set(connection, pragma, wanted)?;
    }
    Ok(())
}

/// The settings of a connection and their values.
pub(crate) fn settings(role: Role) -> [(&'static str, i64); 9] {
    let (cache, query_only) = match role {
        Role::Writer if andon_faults::planted("connect.small-cache") => (CACHE_PAGES_SMALL, 0),
        Role::Writer => (CACHE_KIB_WRITER, 0),
        Role::Reader => (CACHE_KIB_READER, 1),
    };
    [
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("mmap_size", 0),
        ("secure_delete", 1),
        // FULL: a commit is acknowledged after its sync.
        ("synchronous", 2),
        // The holder of the writer lock checkpoints, nobody else.
        ("wal_autocheckpoint", 0),
        ("cache_size", cache),
        // Savepoints keep their undo pages in memory, not in a temporary file.
        ("temp_store", 2),
        ("query_only", query_only),
    ]
}

/// How thoroughly commits are synced where a test makes a mistake of it.
fn mistaken(synchronous: i64) -> i64 {
    if andon_faults::planted("store.synchronous-normal") {
        1
    } else if andon_faults::planted("store.synchronous-off") {
        0
    } else {
        synchronous
    }
}

/// The only journal mode in which a board is used.
pub(crate) const WAL_MODE: &str = "wal";

/// The journal mode of the file, in lower case.
pub(crate) fn journal_mode(connection: &Connection) -> Result<String, StoreError> {
    read_back(connection, "journal_mode").map(|mode| mode.to_ascii_lowercase())
}

/// Turns a file with a rollback journal into one with a log. Only `open` does this, under the init
/// lock; there is no way back.
pub(crate) fn enter_wal(connection: &Connection) -> Result<(), StoreError> {
    // SQLite answers with the new mode first and commits the switch when the statement ends: who
    // stops at the first row never hears that it failed.
    let switch = || {
        let mut statement = connection.prepare("PRAGMA journal_mode = WAL")?;
        let answers = statement.query_map([], |row| row.get::<_, String>(0))?;
        answers.collect::<rusqlite::Result<Vec<String>>>()
    };
    let answers = switch().map_err(|error| fault::of("switch the board to WAL mode", error))?;
    let found = answers.first().map_or("", String::as_str);
    if found.eq_ignore_ascii_case(WAL_MODE) {
        return Ok(());
    }
    Err(disobeyed("journal_mode", WAL_MODE, found))
}

fn set(connection: &Connection, pragma: &str, wanted: i64) -> Result<(), StoreError> {
    // Some pragmas answer with a row when they are set, some do not.
    connection.pragma(None, pragma, wanted, |_| Ok(())).map_err(|error| fault::of(DOING, error))?;
    let found = read_back(connection, pragma)?;
    if found == wanted.to_string() {
        return Ok(());
    }
    Err(disobeyed(pragma, &wanted.to_string(), &found))
}

/// The value of a setting as SQLite has it now.
pub(crate) fn read_back(connection: &Connection, pragma: &str) -> Result<String, StoreError> {
    let found: Value = connection
        .pragma_query_value(None, pragma, |row| row.get(0))
        .map_err(|error| fault::of(DOING, error))?;
    Ok(match found {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Null | Value::Real(_) | Value::Blob(_) => String::new(),
    })
}

fn disobeyed(pragma: &str, wanted: &str, found: &str) -> StoreError {
    StoreError::Internal(format!("SQLite kept {pragma} at {found}, wanted {wanted}"))
}

#[cfg(test)]
mod tests;
