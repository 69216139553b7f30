//! Makes a new board. Until it is whole and on the disk it has another name, so that nobody ever
//! sees half of one. The caller holds the init lock.

use super::Origin;
use crate::disk::{self, Published};
use crate::{connect, exists, fault, schema};
use andon_store::StoreError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;

/// The temporary name. There is only one: who makes a board holds the init lock, so whatever has
/// this name was left by somebody who died.
const UNFINISHED: &str = ".new";

const DOING: &str = "make the board";

/// Makes the board. Somebody who does not take the lock may be first; that board is then opened.
pub(super) fn create(path: &Path) -> Result<Origin, StoreError> {
    let unfinished = exists::beside(path, UNFINISHED);
    discard(&unfinished)?;
    let made = disk::create_private(&unfinished)
        .and_then(|()| build(&unfinished, DOING, schema::apply))
        .and_then(|()| disk::sync_file(&unfinished));
    if let Err(error) = made {
        // The first cause counts. What stays now is discarded by the next one who makes a board.
        let _secondary = discard(&unfinished);
        return Err(error);
    }
    match disk::publish(&unfinished, path)? {
        Published::Done => Ok(Origin::Created),
        Published::Taken => {
            disk::remove_ours(&unfinished)?;
            Ok(Origin::Current)
        }
    }
}

/// Removes what was left of a board that was not finished.
fn discard(unfinished: &Path) -> Result<(), StoreError> {
    for suffix in ["", exists::WAL, exists::SHM, exists::JOURNAL] {
        disk::remove_ours(&exists::beside(unfinished, suffix))?;
    }
    Ok(())
}

/// Fills an empty file of ours, in one transaction. This connection is the only one, so closing it
/// moves everything into the one file and removes the log: here, and only here, that is wanted.
pub(crate) fn build<T>(
    unfinished: &Path,
    doing: &'static str,
    fill: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let failed = |error| fault::of(doing, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(unfinished, flags).map_err(failed)?;
    connect::enter_wal(&connection)?;
    connect::settle(&connection, connect::Role::Writer)?;
    if andon_faults::planted("create.unsynced") {
        connection.pragma_update(None, "synchronous", 0).map_err(failed)?;
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let filled = fill(&transaction)?;
    transaction.commit().map_err(failed)?;
    // Closing does this, too, and keeps to itself how it went.
    let is_busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(failed)?;
    if is_busy {
        return Err(StoreError::Busy { doing, waited_ms: 0, holder: Default::default() });
    }
    connection.close().map_err(|(_, error)| failed(error))?;
    // What is left of the log, if anything, is empty now.
    [exists::WAL, exists::SHM]
        .iter()
        .try_for_each(|suffix| disk::remove_ours(&exists::beside(unfinished, suffix)))?;
    Ok(filled)
}
