//! From points in time, in whole seconds as the board has them, to deadlines of a wait.

use andon_core::time::{Seconds, Timestamp};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Shortest wait for a point in time. A clock that is behind the machine's would otherwise make the
/// dispatcher spin.
const WAIT_MIN: Duration = Duration::from_millis(5);

/// How far back to begin when asking what is next. A lease lapses in the second after its last
/// one, and a time that came while a pass was made must not be missed.
const LOOK_BACK_S: i64 = 2;

/// The time after which to ask what is next.
pub(super) fn look_back(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_sub(LOOK_BACK_S))
}

/// When to look at something that is due at `at`; for what is due already, in a second.
pub(super) fn next_look(at: Timestamp, now: Timestamp) -> Instant {
    deadline(at.max(now + Seconds(1)), now)
}

/// When `at` will have come, as seen from `now`.
fn deadline(at: Timestamp, now: Timestamp) -> Instant {
    let whole = u64::try_from((at - now).0).unwrap_or(0);
    // Part of the present second is over already.
    let part = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    let wait = Duration::from_secs(whole).saturating_sub(Duration::from_nanos(part.into()));
    Instant::now() + wait.max(WAIT_MIN)
}
