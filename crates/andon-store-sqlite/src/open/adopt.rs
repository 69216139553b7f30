//! Turns a board of the peer into one of ours, in one transaction, after a verified copy was made.
//! The caller holds the init lock; the peer may be at work, its writes wait.

use super::{OpenOptions, Origin, refuse};
use crate::connect::{self, Role};
use crate::lock::WriterLock;
use crate::schema::{self, Recognised};
use crate::{backup, fault, migrate};
use andon_store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;

const DOING: &str = "migrate the board";

/// Does what is still to be done.
pub(super) fn adopt(path: &Path, options: &OpenOptions) -> Result<Origin, StoreError> {
    let connection = connect::open_file(path, &options.connect)?;
    let recognise = |connection: &Connection| {
        schema::recognise(connection).map_err(|error| refuse::unreadable(path, connection, error))
    };
    let origin = match recognise(&connection)? {
        Recognised::Unmarked => {
            // Looked at before anything is written, even a lock file, and again under the lock.
            migrate::plan(&connection, path)?;
            migrate(path, &connection, options)?
        }
        // Another process did it while this one waited.
        Recognised::Current => Origin::Current,
        Recognised::Newer { version } => return Err(refuse::newer(path, version)),
        Recognised::Foreign { application_id, version } => {
            return Err(refuse::foreign(path, application_id, version));
        }
    };
    if connect::journal_mode(&connection)? != connect::WAL_MODE {
        connect::enter_wal(&connection)?;
    }
    Ok(origin)
}

fn migrate(
    path: &Path,
    connection: &Connection,
    options: &OpenOptions,
) -> Result<Origin, StoreError> {
    let failed = |error| fault::of(DOING, error);
    connect::settle(connection, Role::Writer)?;
    let queue = WriterLock::open(path)?;
    let _turn = queue.lock_within(options.init_wait, DOING)?;
    // From here on nobody writes, so the copy is exactly what is migrated.
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
        .map_err(|error| fault::of_waited(DOING, options.connect.busy, error))?;
    let plan = migrate::plan(&transaction, path)?;
    let series = backup::BEFORE_MIGRATION;
    let backup = backup::make(path, path, &options.connect, options.now, series)?.path;
    migrate::carry_out(&plan, &transaction, options.now)?;
    transaction.commit().map_err(failed)?;
    Ok(Origin::Migrated { backup })
}
