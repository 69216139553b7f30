//! Mends what can be mended without loss, after a copy was made: for `doctor --fix`. Whatever needs
//! more goes through a new file, which is not for here.

use crate::connect::{self, ConnectOptions, Role, connect};
use crate::inspect::{MAY_LIVE, WITHOUT_RUN, WITHOUT_TASK};
use crate::lock::{InitLock, WriterLock};
use crate::schema::{self, Recognised};
use crate::{backup, exists, fault};
use andon_core::time::Timestamp;
use andon_store::{Hint, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

const DOING: &str = "mend the board";

/// How long mending waits for those who write or open the board.
const WAIT: Duration = Duration::from_secs(10);

/// What to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mending {
    /// Remove rows of our own tables whose task or run does not exist, and whose processes, if
    /// there were any, are gone.
    Orphans,
    /// Write the indexes anew from their tables.
    Indexes,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The board as it was.
    pub copy: PathBuf,
    /// Rows that were removed.
    pub rows_removed: u64,
}

/// Mends the board at a path. Nobody opens it for the first time or writes to it meanwhile.
pub fn mend(path: &Path, what: Mending, now: Timestamp) -> Result<Mended, StoreError> {
    let path = exists::locate(path)?;
    exists::refuse(&path, &exists::look(&path)?)?;
    let _init = InitLock::acquire(&path, WAIT)?;
    carry_out(&path, what, now)
}

/// Does it; the caller holds the lock of first opens.
pub(crate) fn carry_out(path: &Path, what: Mending, now: Timestamp) -> Result<Mended, StoreError> {
    let options = ConnectOptions { busy: WAIT };
    let mut db = connect(path, Role::Writer, &options)?;
    require_current(path, &db)?;
    let queue = WriterLock::open(path)?;
    let _turn = queue.lock_within(WAIT, DOING)?;
    let failed = |error| fault::of_waited(DOING, WAIT, error);
    let transaction =
        db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // From here on nobody writes, so the copy is exactly what is mended.
    let copy = backup::make(path, path, &options, now, backup::BEFORE_MENDING)?.path;
    let rows_removed = match what {
        Mending::Orphans => remove_orphans(&transaction).map_err(failed)?,
        Mending::Indexes => transaction.execute_batch("REINDEX").map(|()| 0).map_err(failed)?,
    };
    transaction.commit().map_err(failed)?;
    Ok(Mended { copy, rows_removed })
}

fn require_current(path: &Path, db: &Connection) -> Result<(), StoreError> {
    let recognised = schema::recognise(db).map_err(|error| fault::of(DOING, error))?;
    if recognised == Recognised::Current && connect::journal_mode(db)? == connect::WAL_MODE {
        return Ok(());
    }
    Err(StoreError::Refused {
        path: path.to_owned(),
        why: "only a board of this release is mended".to_owned(),
        hint: Some(Hint("open it with any other verb first".to_owned())),
    })
}

fn remove_orphans(db: &Connection) -> rusqlite::Result<u64> {
    let runs = format!("DELETE FROM andon_runs AS x WHERE {WITHOUT_RUN} AND NOT ({MAY_LIVE})");
    let tasks = format!("DELETE FROM andon_tasks AS x WHERE {WITHOUT_TASK}");
    let removed = db.execute(&runs, [])? + db.execute(&tasks, [])?;
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
