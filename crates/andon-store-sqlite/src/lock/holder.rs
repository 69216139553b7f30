//! Finds out who holds a lock file, for messages only. Nothing may depend on the answer: it may be
//! outdated when it is read, and other containers' processes are not seen.

use andon_proc::{lock_table, process};
use andon_store::BusyHolder;
use std::path::Path;

/// The byte of the index that whoever writes to the log has locked (`WAL_WRITE_LOCK`, which stands
/// at `UNIX_SHM_BASE` in SQLite's sources).
const WRITE_LOCK_BYTE: u64 = 120;

/// The process that holds an exclusive `flock` on the file, as far as the kernel tells.
pub(super) fn find(path: &Path) -> BusyHolder {
    named(lock_table::flock_holder(path))
}

/// The process that has a write transaction on the board with this index, as far as the kernel
/// tells.
pub(super) fn find_writer(index: &Path) -> BusyHolder {
    named(lock_table::find(index, is_writer).and_then(|lock| lock.pid))
}

/// Whether a lock on the index is that of a write transaction.
pub(crate) fn is_writer(lock: &lock_table::Lock) -> bool {
    lock.kind == lock_table::Kind::Posix
        && lock.mode == lock_table::Mode::Write
        && lock.covers(WRITE_LOCK_BYTE)
}

/// Adds the program's name.
pub(crate) fn named(pid: Option<i32>) -> BusyHolder {
    BusyHolder { pid, program: pid.and_then(process::program) }
}
