//! Exclusive `flock`s of lock files, waited for within a limit. The kernel cannot be told a limit,
//! so they are tried again and again.

use crate::private;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest wait for those who only look whether a board is dispatched: they hold a shared lock on
/// the dispatcher's file between two calls to the kernel, which a loaded machine can stretch. It is
/// also what somebody waits who is refused because there is a dispatcher, so it stays below what a
/// person notices.
pub(crate) const LOOKERS_WAIT_MAX: Duration = Duration::from_millis(250);

/// Pause between two tries: far below what a person notices, far above what a try costs.
const POLL: Duration = Duration::from_millis(5);

/// How a try ended.
#[derive(Debug)]
pub(crate) enum Turn {
    /// The lock is held until the file is dropped.
    Taken(File),
    /// Another process holds it; the file can be read to learn about that.
    Refused(File),
}

/// Takes the lock of a file, which is made where there is none. Tries for at most `wait_max`; at
/// least once.
pub(crate) fn take(path: &Path, wait_max: Duration) -> io::Result<Turn> {
    take_pausing(path, wait_max, std::thread::sleep)
}

fn take_pausing(path: &Path, wait_max: Duration, pause: impl Fn(Duration)) -> io::Result<Turn> {
    let file = private::open_lock(path)?;
    let deadline = Instant::now() + wait_max;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Turn::Taken(file)),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) if Instant::now() < deadline => pause(POLL),
            Err(Errno::WOULDBLOCK) => return Ok(Turn::Refused(file)),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
