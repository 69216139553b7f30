//! The schema as text and as numbers, and how a file is recognised by it. It must not change a
//! file that exists: that is `migrate`.

use crate::fault;
use andon_store::StoreError;
use rusqlite::Connection;

/// `ANDN`, in the header of every board that was opened by this program.
pub(crate) const APPLICATION_ID: i32 = i32::from_be_bytes(*b"ANDN");

/// The schema that this program reads and writes. Raised with each step in `migrate`.
pub(crate) const USER_VERSION: i32 = 1;

/// The peer's tables.
pub(crate) const PEER_TABLES: &str = include_str!("schema/peer.sql");
/// The peer's indexes.
pub(crate) const PEER_INDEXES: &str = include_str!("schema/peer_indexes.sql");
/// Our tables and indexes.
pub(crate) const ANDON: &str = include_str!("schema/andon.sql");

/// The table that a migration puts rows into which fit nowhere.
pub(crate) const ANDON_SALVAGE: &str = include_str!("schema/salvage.sql");

/// Names of the peer's tables, the one with the tasks first.
pub(crate) const PEER_TABLE_NAMES: [&str; 7] = [
    "tasks",
    "task_links",
    "task_comments",
    "task_events",
    "task_runs",
    "task_attachments",
    "kanban_notify_subs",
];

/// What the header of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// Our current schema.
    Current,
    /// No mark: a board of the peer, or no board at all.
    Unmarked,
    /// A board of a newer Andon.
    Newer {
        /// Its schema.
        version: i32,
    },
    /// A database of another program.
    Foreign {
        /// Its mark.
        application_id: i32,
        /// Its version.
        version: i32,
    },
}

/// Reads the marks in the header: no table, no scan.
pub(crate) fn recognise(connection: &Connection) -> rusqlite::Result<Recognised> {
    // Both marks belong to one state of the file: somebody may adopt it between two reads.
    let _snapshot =
        connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose()?;
    let application_id: i32 =
        connection.pragma_query_value(None, "application_id", |r| r.get(0))?;
    let version: i32 = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
    Ok(match (application_id, version) {
        (APPLICATION_ID, USER_VERSION) => Recognised::Current,
        (APPLICATION_ID, version) if version > USER_VERSION => Recognised::Newer { version },
        (0, 0) => Recognised::Unmarked,
        (application_id, version) => Recognised::Foreign { application_id, version },
    })
}

/// Writes everything into an empty database, inside the caller's transaction.
pub(crate) fn apply(connection: &Connection) -> Result<(), StoreError> {
    let failed = |error| fault::of("create the board's tables", error);
    for text in [PEER_TABLES, PEER_INDEXES, ANDON_SALVAGE, ANDON] {
        connection.execute_batch(text).map_err(failed)?;
    }
    mark(connection)
}

/// Marks the file as ours, inside the caller's transaction.
pub(crate) fn mark(connection: &Connection) -> Result<(), StoreError> {
    let failed = |error| fault::of("mark the board", error);
    connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    connection.pragma_update(None, "user_version", USER_VERSION).map_err(failed)
}
