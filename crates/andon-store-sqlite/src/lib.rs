//! The board in one SQLite file.
//!
//! The rules this crate keeps are design §4: one SQLite compiled in, nobody but SQLite opens the
//! files, writers queue on a lock, every commit is synced before it is acknowledged. It decides
//! nothing: statuses come from `andon-core`.
//!
//! `open` gets a board from a path, `writer` changes it, `read` reads it, `guard` keeps other
//! programs from taking the log away.

mod backup;
mod broken;
mod check;
mod checkpoint;
mod connect;
mod disk;
mod exists;
mod fault;
mod filesystem;
mod finds;
mod guard;
mod inspect;
mod load;
mod lock;
mod mend;
mod migrate;
mod open;
mod pool;
mod quote;
mod read;
mod repair;
mod replace;
mod restore;
mod row;
mod salvage;
mod schema;
mod statement;
mod store;
mod users;
mod version;
mod watch;
mod witness;
mod write;
mod writer;

pub use backup::{BackedUp, Backup, Keep, back_up, backups, find_backup};
pub use check::{Depth, Verdict, check_board, is_of_index};
pub use exists::beside;
pub use inspect::{
    Contents, Header, Holders, IndexRows, Inspection, LogState, Orphans, Owner, ReadBack, Schema,
    Unreadable, filesystem_name, holders, require_local,
};
pub use mend::{Mended, Mending, mend};
pub use repair::{Repair, Repaired, repair};
pub use restore::{GoodBoard, Restored, restore};
pub use salvage::{LogUse, Missing, Rows, Salvage, Unread};
pub use store::SqliteStore;
pub use users::users;
pub use version::{SQLITE_RELEASE_MIN, SqliteVersion, is_sound_sqlite, sqlite_version};
pub use witness::look as first_look;

use std::time::Duration;

/// How a board is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Longest wait for a turn to write, and for other programs' locks.
    pub busy: Duration,
    /// Log pages beyond which the writer checkpoints.
    pub checkpoint_pages: u32,
    /// Whether writers queue on the lock file.
    pub writer_lock: WriterLocking,
    /// Whether this process holds the guard locks; for processes that live long.
    pub guard: Guarding,
}

/// Whether writers queue on `<db>.writer.lock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriterLocking {
    /// They do.
    Queue,
    /// SQLite's own locks decide; for measuring.
    Off,
}

/// Whether the guard locks of design §4 rule 4 are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarding {
    /// Until the process ends.
    Hold,
    /// Not at all.
    None,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy: Duration::from_secs(10),
            checkpoint_pages: 1_000,
            writer_lock: WriterLocking::Queue,
            guard: Guarding::None,
        }
    }
}
