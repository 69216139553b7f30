//! What a test provides: a world of files. Nothing here is unsafe.

use crate::code::SQLITE_NOTFOUND;
use crate::region::Region;
use rusqlite::ffi;
use std::ffi::c_int;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// A result code of SQLite, [`crate::code`].
pub type Code = c_int;

/// Files below a directory. Called from every thread that uses SQLite below it.
pub trait World: Send + Sync {
    /// Opens a file, and makes it where `how` says so. It is closed when it is dropped.
    fn open(&self, path: &Path, how: How) -> Result<Box<dyn File>, Code>;

    /// Removes a file.
    fn delete(&self, path: &Path, sync: DirectorySync) -> Result<(), Code>;

    /// Whether a file is there. SQLite asks for its log and its journal.
    fn exists(&self, path: &Path) -> Result<bool, Code>;

    /// Fills with what shall count as random.
    fn randomness(&self, into: &mut [u8]) {
        // SQLite draws on it once; the same in every run.
        for (place, byte) in into.iter_mut().enumerate() {
            *byte = (place % 251) as u8;
        }
    }

    /// The thread wants to wait: SQLite does so where somebody else holds a lock.
    fn sleep(&self, _microseconds: u64) {}

    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64 {
        1_700_000_000_000
    }
}

/// An open file. SQLite uses it from one thread at a time.
pub trait File: Send {
    /// Reads as many bytes as there are at a place, and tells how many. What is missing is filled
    /// with zeros by the caller, as SQLite wants it.
    fn read(&mut self, into: &mut [u8], at: u64) -> Result<usize, Code>;

    /// Writes all bytes.
    fn write(&mut self, bytes: &[u8], at: u64) -> Result<(), Code>;

    /// Cuts the file, or makes it longer.
    fn truncate(&mut self, size: u64) -> Result<(), Code>;

    /// Writes everything through to the disk.
    fn sync(&mut self) -> Result<(), Code>;

    /// Bytes in the file.
    fn size(&mut self) -> Result<u64, Code>;

    /// Takes a lock at least as strong as `level`.
    fn lock(&mut self, level: Level) -> Result<(), Code>;

    /// Lowers the lock to `level`, which is `Shared` or `None`.
    fn unlock(&mut self, level: Level) -> Result<(), Code>;

    /// Whether anybody has a lock from which writing begins.
    fn is_reserved(&mut self) -> Result<bool, Code>;

    /// A control operation by its number; those that answer with data are not passed on.
    fn control(&mut self, _operation: c_int) -> Code {
        SQLITE_NOTFOUND
    }

    /// What one write is sure not to reach beyond.
    fn sector_bytes(&self) -> c_int {
        4096
    }

    /// The disk's promises, as bits of SQLite. The usual one: a write changes no byte beside it.
    fn characteristics(&self) -> c_int {
        ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
    }

    /// A region of the shared index. Nothing where there is none yet and `extend` says no.
    fn shm_map(&mut self, region: usize, extend: Extend) -> Result<Option<Arc<Region>>, Code>;

    /// Locks slots of the index, all or none.
    fn shm_lock(&mut self, slots: Range<usize>, locking: Locking) -> Result<(), Code>;

    /// Unlocks slots of the index.
    fn shm_unlock(&mut self, slots: Range<usize>, locking: Locking) -> Result<(), Code>;

    /// What was written to the index before becomes visible before what is written after.
    fn shm_barrier(&mut self) {}

    /// SQLite forgets pages that it may have mapped. It has none, and asks all the same: between
    /// its look at the log and the checkpoint that goes by what it saw.
    fn unfetch(&mut self) {}

    /// Lets go of the index.
    fn shm_unmap(&mut self, delete: DeleteIndex) -> Result<(), Code>;
}

/// How a file is opened: SQLite's flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How(pub c_int);

impl How {
    /// It is made if it is not there.
    pub fn creates(self) -> bool {
        self.has(ffi::SQLITE_OPEN_CREATE)
    }

    /// It must not be there.
    pub fn is_exclusive(self) -> bool {
        self.has(ffi::SQLITE_OPEN_EXCLUSIVE)
    }

    /// It is removed when it is closed.
    pub fn deletes_on_close(self) -> bool {
        self.has(ffi::SQLITE_OPEN_DELETEONCLOSE)
    }

    /// A database itself.
    pub fn is_database(self) -> bool {
        self.has(ffi::SQLITE_OPEN_MAIN_DB)
    }

    /// A write-ahead log.
    pub fn is_log(self) -> bool {
        self.has(ffi::SQLITE_OPEN_WAL)
    }

    /// A log or a rollback journal. The system's interface syncs the directory with the first sync
    /// of such a file that it has made.
    pub fn syncs_its_name(self) -> bool {
        let kinds =
            ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL;
        self.has(kinds)
    }

    fn has(self, flags: c_int) -> bool {
        self.0 & flags != 0
    }
}

/// Whether the directory is synced after a file was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectorySync {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// Locks of a database file, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// No lock.
    None,
    /// Reading.
    Shared,
    /// Will write; others may go on reading.
    Reserved,
    /// Waits for the last reader.
    Pending,
    /// Writing.
    Exclusive,
}

/// Whether a region of the index is made where it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extend {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// How a slot of the index is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    /// With others.
    Shared,
    /// Alone.
    Exclusive,
}

/// Whether the index is removed by who lets go of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteIndex {
    /// It is.
    Yes,
    /// It stays.
    No,
}
