//! Transactions larger than the page cache. SQLite writes their pages to the log before the commit,
//! and a rollback leaves them there. No ordinary command is so large, so some seeds make the cache
//! of whoever writes as small as it can be, and let some transactions be taken back once they have
//! written.

use andon_store::StoreError;
use std::io;

/// The page cache of those who write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// A command finds room in it.
    Usual,
    /// Of one page: nearly every command writes to the log before its commit.
    OnePage,
}

/// One seed in so many plays with the small cache. No seed that found something once is among them,
/// so each of those does what it did.
const SEEDS_PER_SMALL: u64 = 3;

/// Where a transaction has written and is about to commit.
pub(super) const WRITTEN: &str = "writer.written";

/// What a transaction is told that is to be taken back.
const TAKEN_BACK: &str = "told to take it back";

impl Cache {
    /// Its name in the product.
    pub(super) const PLANTED: &str = "connect.small-cache";

    /// The cache of a seed.
    pub(super) fn of(seed: u64) -> Self {
        if seed.is_multiple_of(SEEDS_PER_SMALL) { Self::OnePage } else { Self::Usual }
    }
}

/// The error with which a transaction is taken back.
pub(super) fn taken_back() -> io::Error {
    io::Error::other(TAKEN_BACK)
}

/// Whether a command was answered so.
pub(super) fn is_taken_back(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { why, .. } if why == TAKEN_BACK)
}
