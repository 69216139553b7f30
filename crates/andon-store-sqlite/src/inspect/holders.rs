//! Who holds which lock of a board, as the kernel tells; for people only.

use crate::exists;
use crate::lock::holder::{is_writer, named};
use andon_proc::lock_table::{self, Kind, Lock, Mode};
use andon_store::BusyHolder;
use std::ops::RangeInclusive;
use std::path::Path;

/// Marks of readers that need pages of the log (`WAL_READ_LOCK(1)` to `(4)`, at `UNIX_SHM_BASE` in
/// SQLite's sources). Who holds the mark before them reads the database alone, and nobody has to
/// wait for it.
const READ_MARK_BYTES: RangeInclusive<u64> = 124..=127;

/// The holders of a board's locks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holders {
    /// Of the lock of first opens.
    pub init: Option<BusyHolder>,
    /// Of the queue of writers.
    pub writer: Option<BusyHolder>,
    /// Of the dispatcher's lock.
    pub dispatcher: Option<BusyHolder>,
    /// Of a write transaction, queued or not.
    pub transaction: Option<BusyHolder>,
    /// Processes that read pages of the log, which can therefore not begin anew.
    pub readers: Vec<i32>,
    /// Whether somebody holds the guard locks, which keep the log in its place.
    pub is_guarded: bool,
}

/// Asks the kernel who holds the locks of the board at a path.
pub fn holders(board: &Path) -> Holders {
    let held = |file: &Path, wanted: &dyn Fn(&Lock) -> bool| {
        lock_table::find(file, wanted).map(|lock| named(lock.pid))
    };
    let flock = |suffix| {
        let is_held = |lock: &Lock| lock.kind == Kind::Flock && lock.mode == Mode::Write;
        held(&exists::beside(board, suffix), &is_held)
    };
    let index = exists::beside(board, exists::SHM);
    let reads = |lock: &Lock| {
        let is_mark = READ_MARK_BYTES.clone().any(|byte| lock.covers(byte));
        lock.kind == Kind::Posix && lock.mode == Mode::Read && is_mark
    };
    let locks = lock_table::of(&index).unwrap_or_default();
    let mut readers: Vec<i32> =
        locks.into_iter().filter(reads).filter_map(|lock| lock.pid).collect();
    readers.sort_unstable();
    readers.dedup();
    let guards = |lock: &Lock| lock.kind == Kind::OpenFile && lock.mode == Mode::Read;
    Holders {
        init: flock(exists::INIT_LOCK),
        writer: flock(exists::WRITER_LOCK),
        dispatcher: flock(exists::DISPATCH_LOCK),
        transaction: held(&index, &is_writer),
        readers,
        is_guarded: lock_table::find(board, guards).is_some(),
    }
}
