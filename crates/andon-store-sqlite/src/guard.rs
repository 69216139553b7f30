//! Keeps a board's files in place under a process that lives long, and notices when they are not.
//!
//! The descriptors here are the only ones that we open on the database and its index, and they are
//! never closed, not even after an error: closing any of them would cancel every POSIX lock of this
//! process on that file. It must not write through them.

mod anchors;

pub(crate) use anchors::{Forever, forever, is_index_in_use};

use crate::connect::{ConnectOptions, Role, connect};
use crate::exists;
use anchors::anchor;
use andon_store::StoreError;
use rusqlite::Connection;
use rustix::fs::{AtFlags, CWD, Statx, StatxFlags, statx};
use rustix::io::Errno;
use std::path::{Path, PathBuf};

/// A range of bytes that SQLite locks.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: i64,
    len: i64,
}

/// The shared range of the database file (`SHARED_FIRST` and `SHARED_SIZE` in SQLite's `os.h`).
/// Who wants to delete the log must lock all of it alone.
const DATABASE_SHARED: Range = Range { start: 0x4000_0002, len: 510 };
/// The dead man's switch of the index (`UNIX_SHM_DMS`). Who finds it free truncates the index.
const INDEX_SWITCH: Range = Range { start: 128, len: 1 };

/// What makes a file the same file while somebody has it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Inode {
    device: (u32, u32),
    number: u64,
}

/// Which file something is, and how many names it has.
struct Found {
    inode: Inode,
    names: u32,
}

/// What is asked of a file. Not its times: a file system with fine-grained times then gives the
/// next write a time of its own, and the log's next sync has to write the inode too. Asking for all
/// that `stat` gives made each commit a third slower (ext4, Linux 6.18).
const ASKED: StatxFlags = StatxFlags::INO.union(StatxFlags::NLINK);

/// Looks which file a path names.
fn look(path: &Path) -> Result<Found, Errno> {
    statx(CWD, path, AtFlags::empty(), ASKED).map(|found| Found::of(&found))
}

impl Found {
    fn of(found: &Statx) -> Self {
        let inode =
            Inode { device: (found.stx_dev_major, found.stx_dev_minor), number: found.stx_ino };
        Self { inode, names: found.stx_nlink }
    }
}

/// A file and what it was when the board was opened.
#[derive(Debug, Clone)]
struct Pinned {
    path: PathBuf,
    inode: Inode,
}

impl Pinned {
    fn look(path: PathBuf, board: &Path) -> Result<Self, StoreError> {
        match look(&path) {
            Ok(found) => Ok(Self { inode: found.inode, path }),
            Err(errno) => Err(replaced(board, format!("{}: {errno}", path.display()))),
        }
    }

    fn verify(&self, board: &Path) -> Result<(), StoreError> {
        let name = self.path.display();
        match look(&self.path) {
            Ok(found) if found.inode != self.inode => {
                Err(replaced(board, format!("{name} is another file now")))
            }
            Ok(found) if found.names == 0 => Err(replaced(board, format!("{name} was deleted"))),
            Ok(_) => Ok(()),
            Err(Errno::NOENT) => Err(replaced(board, format!("{name} was deleted"))),
            Err(errno) => Err(replaced(board, format!("{name} cannot be found: {errno}"))),
        }
    }
}

/// The files that there were before a board is opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance([Option<Inode>; 3]);

impl Glance {
    /// Looks at the paths. Log and index may not be there yet.
    pub(crate) fn at(board: &Path) -> Self {
        let inode = |suffix| look(&exists::beside(board, suffix)).ok().map(|found| found.inode);
        Self(["", exists::WAL, exists::SHM].map(inode))
    }
}

/// Which three files make up an open board: database, log and index.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    database: Pinned,
    log: Pinned,
    index: Pinned,
}

impl Identity {
    /// Notes the files. A connection must have read from the board, and stay open: that keeps the
    /// numbers from being given to other files. It was opened after `before`: if a path leads
    /// elsewhere now, nobody knows which of the files the connection has open.
    pub(crate) fn of(board: &Path, before: &Glance) -> Result<Self, StoreError> {
        let identity = Self {
            database: Pinned::look(board.to_owned(), board)?,
            log: Pinned::look(exists::beside(board, exists::WAL), board)?,
            index: Pinned::look(exists::beside(board, exists::SHM), board)?,
        };
        let pinned = [&identity.database, &identity.log, &identity.index];
        for (pinned, before) in pinned.into_iter().zip(before.0) {
            if before.is_some_and(|before| before != pinned.inode) {
                let why = format!("{} was replaced while it was opened", pinned.path.display());
                return Err(replaced(board, why));
            }
        }
        Ok(identity)
    }

    /// Opens one more connection to the board, and makes sure that it has these files open: what
    /// the paths led to for a moment in between may be another board, and after that moment no look
    /// at the paths would tell.
    pub(crate) fn connect(
        &self,
        role: Role,
        options: &ConnectOptions,
    ) -> Result<Connection, StoreError> {
        self.verify()?;
        let connection = connect(self.path(), role, options)?;
        self.verify()?;
        Ok(connection)
    }

    /// Fails with [`StoreError::Replaced`] if a path now names another file, or none. Three `statx`
    /// calls: cheap enough before every write.
    pub(crate) fn verify(&self) -> Result<(), StoreError> {
        if andon_faults::planted("identity.unchecked") {
            return Ok(());
        }
        let board = &self.database.path;
        for pinned in [&self.database, &self.log, &self.index] {
            pinned.verify(board)?;
        }
        Ok(())
    }

    /// The board's path.
    pub(crate) fn path(&self) -> &Path {
        &self.database.path
    }

    /// The log's path.
    pub(crate) fn log_path(&self) -> &Path {
        &self.log.path
    }
}

/// The proof of read locks on a board that last as long as the process. While it runs, nobody can
/// take the board alone: not the peer, not a shell, not code in this process that opens and closes
/// the files. There is no way to let go, which also means that the board stays in WAL mode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard(());

impl Guard {
    /// Locks the files of an open board. Once for each process and file; further calls find the
    /// lock in place.
    pub(crate) fn hold(identity: &Identity) -> Result<Self, StoreError> {
        if andon_faults::planted("guard.none") {
            return Ok(Self(()));
        }
        let board = identity.path();
        andon_faults::reach_at("guard.hold", board)
            .map_err(|error| replaced(board, error.to_string()))?;
        // Where processes are simulated, so are their locks: the point above has taken them.
        if !andon_faults::planted("guard.simulated") {
            anchor(board, &identity.database, DATABASE_SHARED)?;
            anchor(board, &identity.index, INDEX_SWITCH)?;
        }
        identity.verify()?;
        Ok(Self(()))
    }
}

fn replaced(board: &Path, why: String) -> StoreError {
    StoreError::Replaced { path: board.to_owned(), why }
}

#[cfg(test)]
mod tests;
