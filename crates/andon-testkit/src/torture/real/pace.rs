//! The pace at which the harness and its processes go. Time is what they are about: strikes come at
//! moments of their own, workers take as long as workers take. No test waits by it.

use std::time::Duration;

/// Does nothing for so long.
pub(super) fn rest(span: Duration) {
    std::thread::sleep(span);
}
