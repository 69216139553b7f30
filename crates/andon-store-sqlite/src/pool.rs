//! A few read-only connections, opened when first needed and kept.

use crate::connect::{ConnectOptions, Role};
use crate::guard::Identity;
use crate::statement::Statements;
use crate::{fault, lock};
use andon_store::StoreError;
use rusqlite::Connection;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Idle readers kept. Each may hold half a mebibyte of cache.
const IDLE_MAX: usize = 4;

/// The readers.
pub(crate) struct Pool {
    identity: Identity,
    options: ConnectOptions,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(crate) fn new(identity: Identity, options: ConnectOptions, first: Connection) -> Self {
        Self { identity, options, idle: Mutex::new(vec![first]) }
    }

    /// Runs a read. All its queries see one state of the board.
    pub(crate) fn with<T>(
        &self,
        read: impl FnOnce(&Statements<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let since = Instant::now();
        self.read(read).map_err(|error| lock::name_holder(error, self.identity.path(), since))
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Statements<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => self.identity.connect(Role::Reader, &self.options)?,
        };
        let found = {
            let snapshot =
                db.unchecked_transaction().map_err(|e| fault::of("read the board", e))?;
            read(&Statements::of(&snapshot))?
            // Dropped here: a read transaction has nothing to commit.
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // A snapshot that could not be let go of would be what all later reads see.
        if idle.len() < IDLE_MAX && db.is_autocommit() {
            idle.push(db);
        }
        Ok(found)
    }
}
