//! When a board's dispatcher made its last whole pass: it leaves the time at its lock file.

use andon_core::time::Seconds;
use andon_daemon::home::Layout;

/// So many intervals, and a while for a slow pass, without a pass are too long.
const INTERVALS_MAX: i64 = 3;
const LATE: Seconds = Seconds(60);

/// A dispatcher's last whole pass. It means nothing where the peer dispatches the board.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastPass {
    /// How long ago it was.
    pub(crate) age: Seconds,
    /// Whether that is longer than a dispatcher takes that goes on.
    pub(crate) is_late: bool,
}

/// Looks; none where the file system does not tell. `interval` is the time between two passes.
pub(crate) fn last_pass(layout: &Layout, interval: Seconds) -> Option<LastPass> {
    let at = layout.dispatch_lock_file().metadata().and_then(|found| found.modified()).ok()?;
    let age = Seconds(i64::try_from(at.elapsed().ok()?.as_secs()).unwrap_or(i64::MAX));
    let late = interval.0.saturating_mul(INTERVALS_MAX).saturating_add(LATE.0);
    Some(LastPass { age, is_late: age.0 > late })
}
