//! The backups of a board as its dispatcher makes them.

use crate::target;
use andon_core::time::Timestamp;
use andon_daemon::config::Config;
use andon_daemon::dispatcher;
use andon_daemon::home::Layout;
use andon_store::StoreError;
use andon_store_sqlite::{Keep, back_up, backups};
use std::path::PathBuf;

/// The backups of one board, in the board's own directory for them.
pub(crate) struct Backups {
    database: PathBuf,
    directory: PathBuf,
    keep: Keep,
}

impl Backups {
    pub(crate) fn of(layout: &Layout, config: &Config) -> Self {
        Self {
            database: layout.database().to_owned(),
            directory: layout.backups().to_owned(),
            keep: Keep::Newest(config.backup_count),
        }
    }
}

impl dispatcher::Backups for Backups {
    fn newest(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let known = backups(&self.database, &self.directory)?;
        Ok(known.into_iter().map(|backup| backup.at).find(|at| *at <= now))
    }

    fn make(&self) -> Result<PathBuf, StoreError> {
        let made = back_up(&self.database, &self.directory, self.keep, target::now())?;
        Ok(made.backup.path)
    }
}
