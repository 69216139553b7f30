//! Looks at a board as it stands, for `doctor`. Nothing is migrated, converted or written, and a
//! board that cannot be opened otherwise can still be looked at.
//!
//! SQLite alone opens the files (design §4 rule 2). A file with an unfinished rollback journal is
//! opened for reading only, because SQLite would otherwise roll it back.

mod holders;
mod indexes;
mod rows;

use crate::check::{self, Depth, Verdict};
use crate::connect::{self, ConnectOptions, Role};
use crate::schema::{self, Recognised};
use crate::{exists, fault, filesystem, migrate};
use andon_core::time::Timestamp;
use andon_store::StoreError;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use holders::{Holders, holders};
pub use indexes::IndexRows;
pub use rows::{Contents, Orphans, Owner, Unreadable};
pub(crate) use rows::{MAY_LIVE, WITHOUT_RUN, WITHOUT_TASK};

/// How long a look waits for a program that has the board for itself.
const BUSY: Duration = Duration::from_secs(2);

/// Longest single look. A board for which this is too short has its structure checked apart, and
/// can be looked at while it is in use.
const LOOK_MAX: Duration = Duration::from_secs(60);

/// Steps of SQLite's machine between two looks at the clock: well below a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 1000;

const DOING: &str = "look at the board";

/// A board that is looked at.
#[derive(Debug)]
pub struct Inspection {
    path: PathBuf,
    db: Connection,
}

/// Whose schema a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// The current one of Andon.
    Current,
    /// The peer's, not adopted yet.
    Peer,
    /// No mark, and no table of a board.
    NoBoard,
    /// A newer one of Andon.
    Newer {
        /// Its version.
        version: i32,
    },
    /// Another program's.
    Foreign {
        /// Its application id.
        application_id: i32,
        /// Its version.
        version: i32,
    },
}

/// What the header of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Whose schema it has.
    pub schema: Schema,
    /// Journal mode, as read back.
    pub journal_mode: String,
    /// Bytes of a page.
    pub page_bytes: u32,
    /// Pages of the database, those in the log included.
    pub pages: u32,
}

/// A setting of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBack {
    /// The pragma.
    pub name: &'static str,
    /// What was set.
    pub wanted: i64,
    /// What SQLite answers afterwards.
    pub found: String,
}

/// How far the log has been moved into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogState {
    /// Pages in the log.
    pub pages: u32,
    /// Those of them that are in the database already.
    pub moved: u32,
}

impl Inspection {
    /// Opens the board at a path, if there is a file with content.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = exists::locate(path)?;
        exists::refuse(&path, &exists::look(&path)?)?;
        let journal = exists::beside(&path, exists::JOURNAL);
        let is_unfinished = journal.metadata().is_ok_and(|found| found.len() > 0);
        let mode = if is_unfinished {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let db = connect::open_file_as(&path, mode, &ConnectOptions { busy: BUSY })?;
        db.pragma_update(None, "query_only", true).map_err(|error| fault::of(DOING, error))?;
        Ok(Self { path, db })
    }

    /// The board's file, all links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the header.
    pub fn header(&mut self) -> Result<Header, StoreError> {
        self.look(|db| {
            let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, u32>(0));
            let journal_mode: String =
                db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            Ok(Header {
                schema: schema_of(db)?,
                journal_mode: journal_mode.to_ascii_lowercase(),
                page_bytes: number("page_size")?,
                pages: number("page_count")?,
            })
        })
    }

    /// Has SQLite check everything: pages, rows, and each index against its table.
    pub fn structure(&mut self, limit: Duration) -> Result<Verdict, StoreError> {
        check::check(&mut self.db, Depth::Full, limit)
    }

    /// Says which column is lacking that a board of ours has; its list of tables is damaged then.
    pub(crate) fn lacking(&self) -> Result<Option<String>, StoreError> {
        migrate::lacking(&self.db)
    }

    /// Counts the tasks.
    pub(crate) fn tasks(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM tasks";
        let count = self.look(|db| db.query_row(sql, [], |row| row.get::<_, i64>(0)))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Sets a connection of its own up as a writer's, and reads every setting back.
    pub fn settings(&self) -> Result<Vec<ReadBack>, StoreError> {
        let db = connect::open_file(&self.path, &ConnectOptions { busy: BUSY })?;
        connect::settle(&db, Role::Writer)?;
        connect::settings(Role::Writer)
            .into_iter()
            .map(|(name, wanted)| {
                Ok(ReadBack { name, wanted, found: connect::read_back(&db, name)? })
            })
            .collect()
    }

    /// Says how far the log has been moved into the database, and moves nothing.
    pub fn log(&mut self) -> Result<LogState, StoreError> {
        self.look(|db| {
            db.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
                // Without a log both numbers are -1.
                let pages = |at| row.get::<_, i64>(at).map(|n| u32::try_from(n).unwrap_or(0));
                Ok(LogState { pages: pages(1)?, moved: pages(2)? })
            })
        })
    }

    /// Time of the newest event, or of the newest start of a run.
    pub fn newest(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let latest =
            |db: &Connection, sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).optional();
        self.look(|db| {
            let event = "SELECT created_at FROM task_events ORDER BY id DESC LIMIT 1";
            let run = "SELECT started_at FROM task_runs ORDER BY id DESC LIMIT 1";
            Ok([latest(db, event)?, latest(db, run)?].into_iter().flatten().max().map(Timestamp))
        })
    }

    /// Runs a look that ends in time.
    fn look<T>(
        &mut self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let failed = |error| fault::of(DOING, error);
        let since = Instant::now();
        let is_over = move || since.elapsed() >= LOOK_MAX;
        self.db.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_over)).map_err(failed)?;
        let found = look(&self.db);
        self.db.progress_handler(0, None::<fn() -> bool>).map_err(failed)?;
        found.map_err(failed)
    }
}

/// Whose schema a file has.
pub(crate) fn schema_of(db: &Connection) -> rusqlite::Result<Schema> {
    Ok(match schema::recognise(db)? {
        Recognised::Current => Schema::Current,
        Recognised::Unmarked => {
            let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'tasks'";
            match db.query_row(sql, [], |row| row.get::<_, i64>(0))? {
                0 => Schema::NoBoard,
                _ => Schema::Peer,
            }
        }
        Recognised::Newer { version } => Schema::Newer { version },
        Recognised::Foreign { application_id, version } => {
            Schema::Foreign { application_id, version }
        }
    })
}

/// The name of the file system that holds a directory, if it is a usual one.
pub fn filesystem_name(directory: &Path) -> Option<&'static str> {
    filesystem::local_name(filesystem::probe_kernel(directory).ok()?)
}

/// Refuses a board on a file system that several hosts may see.
pub fn require_local(board: &Path) -> Result<(), StoreError> {
    filesystem::require_local(board, exists::directory(board), filesystem::probe_kernel)
}

#[cfg(test)]
pub(crate) mod tests;
