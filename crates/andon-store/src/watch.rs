//! Watching a board for commits.

use crate::StoreError;
use std::os::fd::BorrowedFd;

/// Tells when somebody committed. One watcher sees the commits of all processes.
pub trait Watch: Send {
    /// A descriptor that becomes readable when it is worth calling [`Watch::changed`]. Absent where
    /// the system offers none; then call it every [`Watch::interval_ms`].
    fn wake(&self) -> Option<BorrowedFd<'_>>;

    /// Whether anything was committed since the last call. Cheap: no query, no lock.
    fn changed(&mut self) -> Result<bool, StoreError>;

    /// How soon to ask again even without a wake-up, in milliseconds: short right after a wake-up,
    /// because the first sign of a commit may come before the commit can be seen.
    fn interval_ms(&self) -> u64;
}
