//! What stands around a dispatcher: somebody who listens, and a place for backups.

use super::LIMIT;
use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;
use andon_daemon::dispatcher::{Backups, Notice, Observer};
use andon_store::StoreError;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

/// What the observer saw, as texts.
#[derive(Default)]
pub(crate) struct Seen {
    pub(super) notices: Mutex<Vec<String>>,
    more: Condvar,
    /// Passes, also those that had nothing to say.
    pub(crate) passes: AtomicUsize,
}

impl Observer for Seen {
    fn notice(&self, _: &BoardSlug, notice: &Notice<'_>) {
        if let Notice::Tick(report) = notice {
            self.passes.fetch_add(1, Ordering::Relaxed);
            if report.is_quiet() {
                return;
            }
        }
        self.notices.lock().unwrap().push(format!("{notice:?}"));
        self.more.notify_all();
    }
}

impl Seen {
    /// Waits for a notice that contains the text.
    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + LIMIT;
        let mut notices = self.notices.lock().unwrap();
        while !notices.iter().any(|notice| notice.contains(text)) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "nothing says {text}: {notices:#?}");
            notices = self.more.wait_timeout(notices, left).unwrap().0;
        }
    }

    /// How many notices contain the text.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.notices.lock().unwrap().iter().filter(|notice| notice.contains(text)).count()
    }
}

/// Backups always fail here: no test may notice.
pub(super) struct NoRoom;

impl Backups for NoRoom {
    fn newest(&self, _: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    fn make(&self) -> Result<PathBuf, StoreError> {
        let why = "no room for a backup".to_owned();
        Err(StoreError::Unavailable { doing: "back the board up", why, hint: None })
    }
}
