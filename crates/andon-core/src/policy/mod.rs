//! How much of everything: leases, retries, loops, admission, quarantine.

pub mod admission;
pub mod quarantine;
pub mod retry;

use crate::time::Seconds;

/// Limits that the board's settings decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Life of a claim unless renewed (board reference §1).
    pub claim_ttl: Seconds,
    /// Failure bounds and waits.
    pub retry: retry::RetryPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self { claim_ttl: CLAIM_TTL, retry: retry::RetryPolicy::default() }
    }
}

/// `DEFAULT_CLAIM_TTL_SECONDS` (board reference §1).
pub const CLAIM_TTL: Seconds = Seconds(900);

/// A claim longer than this is a mistake: nobody would notice a dead holder for a week.
pub const CLAIM_TTL_MAX: Seconds = Seconds(7 * 86_400);

/// Blocks of one kind in a row that send a task to triage (`BLOCK_RECURRENCE_LIMIT`).
pub const BLOCK_RECURRENCE_LIMIT: i64 = 2;

/// Waits for a dependency after which a task is left to a person, if none of them ended with a
/// parent: each costs a worker's run, and the peer lets a worker wait for nothing (D10).
pub const DEPENDENCY_WAITS_MAX: i64 = 3;

/// Longest run, and farthest schedule, that is not a mistake: a year.
pub const SPAN_MAX: Seconds = Seconds(366 * 86_400);
