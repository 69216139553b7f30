//! Backups on a schedule. A thread of its own looks and copies, so that neither a large board nor a
//! slow disk holds the dispatcher up; whatever goes wrong is told and tried again later.

use super::Options;
use super::jobs::panic_text;
use super::observer::Notice;
use andon_core::time::{Seconds, Timestamp};
use andon_store::StoreError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Wait after a backup that failed, unless the next one is due sooner. What keeps a backup from
/// being made, a full disk above all, mostly lasts until somebody does something.
const FAILED_WAIT: Seconds = Seconds(600);

/// Makes copies of a board to keep. Called from a thread of its own, while the board is in use.
pub trait Backups: Send + Sync {
    /// When the newest one was made, as long as that is not after `now`.
    fn newest(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// Makes one, and removes those that are too many.
    fn make(&self) -> Result<PathBuf, StoreError>;
}

/// Sees to it that there is a backup young enough.
pub(super) struct Schedule {
    options: Arc<Options>,
    /// When to look again.
    next: Timestamp,
    under_way: Option<JoinHandle<Timestamp>>,
}

impl Schedule {
    pub(super) fn new(options: Arc<Options>) -> Self {
        Self { options, next: Timestamp(0), under_way: None }
    }

    /// Works with these surroundings of the same board from now on. A backup under way goes on.
    pub(super) fn reload(&mut self, options: Arc<Options>) {
        self.options = options;
        self.next = Timestamp(0);
    }

    /// Looks whether a backup is due, and puts it under way. Called after passes that went well, so
    /// that a board in trouble does not push sound backups out. Costs nothing in between.
    pub(super) fn look(&mut self) {
        let Some(interval) = self.options.config.backup_interval else { return };
        if let Some(thread) = self.under_way.take_if(|thread| thread.is_finished()) {
            // The thread catches whatever happens in it.
            self.next = thread.join().unwrap_or(self.options.clock.now() + FAILED_WAIT);
        }
        let now = self.options.clock.now();
        // A clock that was set back must not put the next backup off for long.
        let is_due = now >= self.next || self.next > now + interval;
        if self.under_way.is_some() || !is_due {
            return;
        }
        let options = Arc::clone(&self.options);
        let work = move || back_up_if_due(&options, interval);
        match std::thread::Builder::new().name("andon-backup".to_owned()).spawn(work) {
            Ok(thread) => self.under_way = Some(thread),
            Err(error) => {
                self.next = now + FAILED_WAIT;
                self.options.notice(&Notice::NotBackedUp { error: &error.to_string() });
            }
        }
    }
}

/// Makes a backup unless there is one that is young enough; says when to look again.
fn back_up_if_due(options: &Options, interval: Seconds) -> Timestamp {
    let now = options.clock.now();
    let attempt = || {
        let newest = options.backups.newest(now)?;
        match newest.map(|newest| newest + interval) {
            Some(due) if due > now => Ok(due),
            Some(_) | None => {
                let path = options.backups.make()?;
                options.notice(&Notice::BackedUp { path: &path });
                Ok(now + interval)
            }
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|panic| {
        Err(StoreError::Internal(format!("a backup failed: {}", panic_text(panic.as_ref()))))
    });
    outcome.unwrap_or_else(|error| {
        options.notice(&Notice::NotBackedUp { error: &error.to_string() });
        now + interval.min(FAILED_WAIT)
    })
}

#[cfg(test)]
mod tests;
