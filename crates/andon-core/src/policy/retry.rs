//! What a failure does: count it by its cause, wait, or open the breaker.
//!
//! Causes are counted apart, so that a provider's throttling never uses up the bound meant for
//! crashes, and each has a bound, so that nothing is retried for ever (users' reference §1d).

use crate::run::RunOutcome;
use crate::time::{Seconds, Timestamp};

/// Why a run failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The worker could not be started.
    Spawn,
    /// It died.
    Crash,
    /// It ran too long.
    Timeout,
    /// Its provider throttled it.
    RateLimit,
    /// It ended without saying how.
    Protocol,
    /// It gave no sign of life.
    Stale,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 6] = [
        Cause::Spawn,
        Cause::Crash,
        Cause::Timeout,
        Cause::RateLimit,
        Cause::Protocol,
        Cause::Stale,
    ];

    /// The run outcome that records it. A violation is a crash in the peer's words.
    pub const fn outcome(self) -> RunOutcome {
        match self {
            Cause::Spawn => RunOutcome::SpawnFailed,
            Cause::Crash | Cause::Protocol => RunOutcome::Crashed,
            Cause::Timeout => RunOutcome::TimedOut,
            Cause::RateLimit => RunOutcome::RateLimited,
            Cause::Stale => RunOutcome::Stale,
        }
    }

    /// Whether the peer's `consecutive_failures` counts it (gateway reference §3.5).
    pub const fn counts_for_peer(self) -> bool {
        matches!(self, Cause::Spawn | Cause::Crash | Cause::Timeout)
    }
}

/// Failures since the last success or human decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "one counter per `Cause`")]
pub struct FailureCounts {
    pub spawn: u32,
    pub crash: u32,
    pub timeout: u32,
    pub rate_limit: u32,
    pub protocol: u32,
    pub stale: u32,
}

impl FailureCounts {
    /// The counter of one cause.
    pub fn of(&self, cause: Cause) -> u32 {
        match cause {
            Cause::Spawn => self.spawn,
            Cause::Crash => self.crash,
            Cause::Timeout => self.timeout,
            Cause::RateLimit => self.rate_limit,
            Cause::Protocol => self.protocol,
            Cause::Stale => self.stale,
        }
    }

    /// All failures.
    pub fn total(&self) -> u32 {
        Cause::ALL.iter().map(|&cause| self.of(cause)).sum()
    }

    /// One more of a cause.
    pub fn plus(mut self, cause: Cause) -> Self {
        let counter = match cause {
            Cause::Spawn => &mut self.spawn,
            Cause::Crash => &mut self.crash,
            Cause::Timeout => &mut self.timeout,
            Cause::RateLimit => &mut self.rate_limit,
            Cause::Protocol => &mut self.protocol,
            Cause::Stale => &mut self.stale,
        };
        *counter = counter.saturating_add(1);
        self
    }
}

/// Bound and wait of one cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CauseRule {
    /// Failures that open the breaker.
    pub limit: u32,
    /// Wait after the first failure; doubles with each further one.
    pub wait: Seconds,
    /// Longest wait.
    pub wait_max: Seconds,
}

/// Bounds and waits of all causes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "one rule per `Cause`")]
pub struct RetryPolicy {
    pub spawn: CauseRule,
    pub crash: CauseRule,
    pub timeout: CauseRule,
    pub rate_limit: CauseRule,
    pub protocol: CauseRule,
    pub stale: CauseRule,
    /// Failures of any cause that open the breaker.
    pub total_limit: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        let rule = |limit, wait, wait_max| CauseRule {
            limit,
            wait: Seconds(wait),
            wait_max: Seconds(wait_max),
        };
        Self {
            // `failure_limit` 2 of the peer, for the three causes that it counts.
            spawn: rule(2, 5, 300),
            crash: rule(2, 2, 300),
            timeout: rule(2, 2, 300),
            // The peer's cooldown of 300 s; unlike the peer's, the retries are bounded.
            rate_limit: rule(12, 300, 3_600),
            // `_PROTOCOL_VIOLATION_FAILURE_LIMIT`.
            protocol: rule(3, 2, 300),
            stale: rule(3, 2, 300),
            total_limit: 20,
        }
    }
}

impl RetryPolicy {
    /// The rule of one cause.
    pub fn rule(&self, cause: Cause) -> CauseRule {
        match cause {
            Cause::Spawn => self.spawn,
            Cause::Crash => self.crash,
            Cause::Timeout => self.timeout,
            Cause::RateLimit => self.rate_limit,
            Cause::Protocol => self.protocol,
            Cause::Stale => self.stale,
        }
    }
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try again, not before this time.
    Retry {
        /// Earliest next claim.
        not_before: Timestamp,
    },
    /// Open the breaker: a person must look.
    GiveUp {
        /// The bound that was reached.
        limit: u32,
        /// Whose bound: `task`, `dispatcher` or `total`.
        source: &'static str,
    },
}

/// Judges a failure. `counts` already includes it. A task's own `max_retries` replaces the bound
/// of every cause but throttling, which says nothing about the task.
pub fn judge(
    counts: &FailureCounts,
    cause: Cause,
    max_retries: Option<i64>,
    at: Timestamp,
    policy: &RetryPolicy,
) -> Verdict {
    let rule = policy.rule(cause);
    let own = max_retries.filter(|_| cause != Cause::RateLimit).and_then(|n| u32::try_from(n).ok());
    let (limit, source) = match own {
        Some(own) => (own.max(1), "task"),
        None => (rule.limit, "dispatcher"),
    };
    if counts.of(cause) >= limit {
        return Verdict::GiveUp { limit, source };
    }
    if counts.total() >= policy.total_limit {
        return Verdict::GiveUp { limit: policy.total_limit, source: "total" };
    }
    Verdict::Retry { not_before: at + wait(rule, counts.of(cause)) }
}

/// Wait before the attempt that follows failure number `nth` of a cause.
fn wait(rule: CauseRule, nth: u32) -> Seconds {
    let doubled = rule.wait.0.saturating_mul(1 << nth.saturating_sub(1).min(DOUBLINGS_MAX));
    Seconds(doubled.min(rule.wait_max.0))
}

/// Doublings after which every wait is at its maximum anyway; keeps the shift in range.
const DOUBLINGS_MAX: u32 = 20;

#[cfg(test)]
mod tests;
