//! Notices commits, by any process. It must not query tables and opens no descriptor on the board.
//!
//! The kernel tells that the log was written to, which is a reason to look; `PRAGMA data_version`
//! on a connection of its own tells whether something was committed, which is the truth.

use crate::connect::{ConnectOptions, Role};
use crate::fault;
use crate::guard::Identity;
use andon_store::{StoreError, Watch};
use rusqlite::Connection;
use rustix::fs::inotify;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// After a write to the log: the commit is visible a sync later, mostly within a millisecond.
const INTERVAL_MS_BURST: u64 = 1;
/// How long a write is followed up closely. A slow disk syncs in tens of milliseconds.
const BURST: Duration = Duration::from_millis(50);
/// Between writes, in case a wake-up was lost.
const INTERVAL_MS_IDLE: u64 = 1000;
/// Without wake-ups from the kernel: one look costs some microseconds.
const INTERVAL_MS_POLLING: u64 = 10;
/// Room for a read of wake-ups. What they say does not matter, so the rest may wait.
const EVENTS_BYTES: usize = 4096;
/// Reads for one look; a busy board must not hold the reader here.
const READS_MAX: usize = 16;

/// A watcher of one board.
#[derive(Debug)]
pub(crate) struct BoardWatch {
    connection: Connection,
    identity: Identity,
    inotify: Option<OwnedFd>,
    seen: i64,
    burst_until: Option<Instant>,
}

impl BoardWatch {
    /// Starts watching; commits from now on are noticed.
    pub(crate) fn new(identity: &Identity, options: &ConnectOptions) -> Result<Self, StoreError> {
        let connection = identity.connect(Role::Reader, options)?;
        let identity = identity.clone();
        // Before the first look, so that no commit falls between.
        let inotify = subscribe(&identity);
        let seen = data_version(&connection)?;
        Ok(Self { connection, identity, inotify, seen, burst_until: None })
    }

    /// Takes the wake-ups away; tells whether there were any.
    fn drain(&self) -> bool {
        let Some(inotify) = &self.inotify else { return false };
        let mut buffer = [MaybeUninit::<u8>::uninit(); EVENTS_BYTES];
        for reads in 0..READS_MAX {
            match rustix::io::read(inotify, &mut buffer[..]) {
                Ok((events, _)) if !events.is_empty() => {}
                Ok(_) | Err(_) => return reads > 0,
            }
        }
        true
    }
}

impl Watch for BoardWatch {
    fn wake(&self) -> Option<BorrowedFd<'_>> {
        self.inotify.as_ref().map(AsFd::as_fd)
    }

    fn changed(&mut self) -> Result<bool, StoreError> {
        if self.drain() {
            self.burst_until = Some(Instant::now() + BURST);
        }
        self.identity.verify()?;
        let now = data_version(&self.connection)?;
        let is_new = now != self.seen;
        self.seen = now;
        Ok(is_new)
    }

    fn interval_ms(&self) -> u64 {
        match (&self.inotify, self.burst_until) {
            (Some(_), Some(until)) if Instant::now() < until => INTERVAL_MS_BURST,
            (Some(_), _) => INTERVAL_MS_IDLE,
            (None, _) => INTERVAL_MS_POLLING,
        }
    }
}

/// Asks for wake-ups: writes to the log, and anything that happens to the name of the board or its
/// log. The directory is not watched: the home of all boards is full of other files. Without
/// inotify, or with none left for this user, the watcher polls.
fn subscribe(identity: &Identity) -> Option<OwnedFd> {
    let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
    let descriptor = inotify::init(flags).ok()?;
    let moved = inotify::WatchFlags::ATTRIB
        | inotify::WatchFlags::MOVE_SELF
        | inotify::WatchFlags::DELETE_SELF;
    let written = moved | inotify::WatchFlags::MODIFY;
    inotify::add_watch(&descriptor, identity.log_path(), written).ok()?;
    inotify::add_watch(&descriptor, identity.path(), moved).ok()?;
    Some(descriptor)
}

fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    connection
        .prepare_cached("PRAGMA data_version")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(|error| fault::of("watch the board", error))
}

#[cfg(test)]
mod tests;
