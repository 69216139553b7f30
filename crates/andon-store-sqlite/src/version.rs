//! Which SQLite is compiled in. It must not know anything about boards.

use crate::fault;
use andon_store::StoreError;
use rusqlite::Connection;

/// SQLite 3.51.3. Every older release may lose commits when a checkpoint and a reset of the log
/// overlap (<https://sqlite.org/wal.html#walresetbug>).
pub(crate) const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// The same, for people.
pub const SQLITE_RELEASE_MIN: &str = "3.51.3";

/// What `doctor` prints about the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteVersion {
    /// Release, as in `3.54.1`.
    pub release: String,
    /// Check-in it was built from: date, time and hash.
    pub source_id: String,
}

/// Whether the SQLite inside is none of those that are known to lose commits.
pub fn is_sound_sqlite() -> bool {
    require_sound().is_ok()
}

/// Refuses to go on with a SQLite that is known to lose commits.
pub(crate) fn require_sound() -> Result<(), StoreError> {
    require_at_least(rusqlite::version_number())
}

fn require_at_least(found: i32) -> Result<(), StoreError> {
    if found < SQLITE_VERSION_MIN && !andon_faults::planted("version.any") {
        return Err(StoreError::Internal(format!(
            "this program holds SQLite {found}, which may lose commits; {SQLITE_VERSION_MIN} or \
             newer is needed"
        )));
    }
    Ok(())
}

/// Asks the library who it is.
pub fn sqlite_version() -> Result<SqliteVersion, StoreError> {
    let doing = "ask SQLite for its version";
    let memory = Connection::open_in_memory().map_err(|error| fault::of(doing, error))?;
    let source_id = memory
        .query_row("SELECT sqlite_source_id()", [], |row| row.get(0))
        .map_err(|error| fault::of(doing, error))?;
    Ok(SqliteVersion { release: rusqlite::version().to_owned(), source_id })
}

#[cfg(test)]
mod tests;
