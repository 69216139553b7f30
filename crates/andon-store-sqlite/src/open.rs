//! Gets a board from a path: opens it, makes it, or adopts one of the peer. It must not change a
//! file that it refuses.
//!
//! An ordinary open reads two numbers from the header and takes no lock. Everything else happens
//! under the init lock, which the peer takes too.

mod adopt;
pub(crate) mod create;
pub(crate) mod refuse;

use crate::connect::{self, ConnectOptions, Role};
use crate::exists::{self, Finding};
use crate::filesystem::{self, Probe};
use crate::guard::{Glance, Identity};
use crate::lock::InitLock;
use crate::schema::{self, Recognised};
use crate::{Options, disk, version};
use andon_core::time::Timestamp;
use andon_store::{Clock, StoreError, SystemClock};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a first open waits for another one. The peer's own limit.
const INIT_WAIT: Duration = Duration::from_secs(10);

/// How to open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenOptions {
    /// How to connect.
    pub(crate) connect: ConnectOptions,
    /// Longest wait for the init lock, and for the writers' queue during a migration.
    pub(crate) init_wait: Duration,
    /// Tells the file system.
    pub(crate) probe: Probe,
    /// Time of a migration.
    pub(crate) now: Timestamp,
}

impl OpenOptions {
    /// The options for a store: real file systems, the machine's clock.
    pub(crate) fn of(options: &Options) -> Self {
        Self {
            connect: ConnectOptions { busy: options.busy },
            init_wait: INIT_WAIT,
            probe: filesystem::probe_kernel,
            now: SystemClock.now(),
        }
    }
}

/// How a board came to be open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was there, in the current schema.
    Current,
    /// It was made now.
    Created,
    /// It was a board of the peer; a copy of what it was stands beside it.
    Migrated {
        /// The copy.
        backup: PathBuf,
    },
}

/// An open board.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The files that it consists of.
    pub(crate) identity: Identity,
    /// A reading connection. While it lives, SQLite keeps others from deleting the log.
    pub(crate) reader: Connection,
    /// What had to be done.
    pub(crate) origin: Origin,
}

/// Opens a board that exists.
pub(crate) fn open(path: &Path, options: &OpenOptions) -> Result<Opened, StoreError> {
    version::require_sound()?;
    let path = exists::locate(path)?;
    filesystem::require_local(&path, exists::directory(&path), options.probe)?;
    match exists::look(&path)? {
        Finding::File => {
            if let Some(opened) = open_current(&path, options, Origin::Current)? {
                return Ok(opened);
            }
        }
        // The peer may be making it at this moment: that is told under the lock.
        Finding::Empty => {}
        other @ (Finding::Nothing | Finding::Gone { .. } | Finding::NotAFile { .. }) => {
            exists::refuse(&path, &other)?;
        }
    }
    let _init = InitLock::acquire(&path, options.init_wait)?;
    point("open.init-locked", &path)?;
    exists::refuse(&path, &exists::look(&path)?)?;
    let origin = adopt::adopt(&path, options)?;
    open_current(&path, options, origin)?.ok_or_else(|| changed_meanwhile(&path))
}

/// Makes a board, or opens the one that is there. A path where a board has been is refused.
pub(crate) fn create(path: &Path, options: &OpenOptions) -> Result<Opened, StoreError> {
    version::require_sound()?;
    disk::make_directory(path)?;
    let path = exists::locate(path)?;
    filesystem::require_local(&path, exists::directory(&path), options.probe)?;
    match exists::look(&path)? {
        Finding::File => return open(&path, options),
        // Refused before a lock is made beside it.
        found @ Finding::NotAFile { .. } => exists::refuse(&path, &found)?,
        Finding::Nothing | Finding::Gone { .. } | Finding::Empty => {}
    }
    let init = InitLock::acquire(&path, options.init_wait)?;
    point("open.init-locked", &path)?;
    let origin = match exists::look(&path)? {
        Finding::File => Origin::Current,
        Finding::Nothing => create::create(&path)?,
        other @ (Finding::Gone { .. } | Finding::Empty | Finding::NotAFile { .. }) => {
            exists::refuse(&path, &other)?;
            Origin::Current
        }
    };
    if origin == Origin::Current {
        drop(init);
        return open(&path, options);
    }
    open_current(&path, options, origin)?.ok_or_else(|| changed_meanwhile(&path))
}

/// The ordinary way: no statement but reads of the header. Nothing if the file needs more.
fn open_current(
    path: &Path,
    options: &OpenOptions,
    origin: Origin,
) -> Result<Option<Opened>, StoreError> {
    let since = Instant::now();
    let mut tries = 1;
    let read = loop {
        match read_header(path, options) {
            Err(StoreError::Replaced { .. }) if tries < OPEN_TRIES => tries += 1,
            read => break read,
        }
    };
    let read = read.map_err(|error| crate::lock::name_holder(error, path, since))?;
    Ok(read.map(|(identity, reader)| Opened { identity, reader, origin }))
}

/// Tries to find the files in one state. Another program that closes the board as its last user
/// takes the log away, rightly; that this happens at the very moment of every try is next to
/// impossible.
const OPEN_TRIES: u32 = 10;

fn read_header(
    path: &Path,
    options: &OpenOptions,
) -> Result<Option<(Identity, Connection)>, StoreError> {
    filesystem::require_writable(path, exists::directory(path))?;
    let before = Glance::at(path);
    point("open.glanced", path)?;
    let reader = connect::open_file(path, &options.connect)?;
    let recognised =
        schema::recognise(&reader).map_err(|error| refuse::unreadable(path, &reader, error))?;
    refuse::require_whole(path, &reader)?;
    match recognised {
        Recognised::Current => {}
        Recognised::Unmarked => return Ok(None),
        Recognised::Newer { version } => return Err(refuse::newer(path, version)),
        Recognised::Foreign { application_id, version } => {
            return Err(refuse::foreign(path, application_id, version));
        }
    }
    if connect::journal_mode(&reader)? != connect::WAL_MODE {
        return Ok(None);
    }
    connect::configure(&reader, path, Role::Reader)?;
    point("open.read", path)?;
    Ok(Some((Identity::of(path, &before)?, reader)))
}

/// A named place at which tests interfere with opening.
fn point(name: &'static str, path: &Path) -> Result<(), StoreError> {
    andon_faults::reach_at(name, path).map_err(|error| StoreError::Unavailable {
        doing: "open the board",
        why: error.to_string(),
        hint: None,
    })
}

/// Somebody who does not take the init lock undid what was done under it.
fn changed_meanwhile(path: &Path) -> StoreError {
    StoreError::Replaced {
        path: path.to_owned(),
        why: "another program changed it while it was opened".to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
