//! The settings of a board as far as a runner needs them, as they travel: with its spec, so that a
//! runner reads no file, and judges a failure by the same rules as whoever started it.

use andon_core::policy::Policy;
use andon_core::policy::retry::{CauseRule, RetryPolicy};
use andon_core::time::Seconds;
use serde::{Deserialize, Serialize};

/// What a board's settings say to a runner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardSettings {
    /// Longest wait for a turn to write, in milliseconds.
    pub busy_ms: u64,
    /// Log pages beyond which a writer checkpoints.
    pub checkpoint_pages: u32,
    /// Whether writers queue on the lock file.
    pub writer_lock: bool,
    /// Life of a claim, in seconds.
    pub claim_ttl_s: i64,
    /// What failures lead to.
    pub retry: RetrySettings,
}

/// [`RetryPolicy`] as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "fields are those of `RetryPolicy`")]
pub struct RetrySettings {
    pub spawn: RuleSettings,
    pub crash: RuleSettings,
    pub timeout: RuleSettings,
    pub rate_limit: RuleSettings,
    pub protocol: RuleSettings,
    pub stale: RuleSettings,
    pub total_limit: u32,
}

/// [`CauseRule`] as it travels: spans are seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "fields are those of `CauseRule`")]
pub struct RuleSettings {
    pub limit: u32,
    pub wait_s: i64,
    pub wait_max_s: i64,
}

impl BoardSettings {
    /// The policy that the store of the run is opened with.
    pub fn policy(&self) -> Policy {
        let retry = &self.retry;
        Policy {
            claim_ttl: Seconds(self.claim_ttl_s),
            retry: RetryPolicy {
                spawn: retry.spawn.into(),
                crash: retry.crash.into(),
                timeout: retry.timeout.into(),
                rate_limit: retry.rate_limit.into(),
                protocol: retry.protocol.into(),
                stale: retry.stale.into(),
                total_limit: retry.total_limit,
            },
        }
    }
}

impl From<&RetryPolicy> for RetrySettings {
    fn from(policy: &RetryPolicy) -> Self {
        Self {
            spawn: policy.spawn.into(),
            crash: policy.crash.into(),
            timeout: policy.timeout.into(),
            rate_limit: policy.rate_limit.into(),
            protocol: policy.protocol.into(),
            stale: policy.stale.into(),
            total_limit: policy.total_limit,
        }
    }
}

impl From<CauseRule> for RuleSettings {
    fn from(rule: CauseRule) -> Self {
        Self { limit: rule.limit, wait_s: rule.wait.0, wait_max_s: rule.wait_max.0 }
    }
}

impl From<RuleSettings> for CauseRule {
    fn from(rule: RuleSettings) -> Self {
        Self { limit: rule.limit, wait: Seconds(rule.wait_s), wait_max: Seconds(rule.wait_max_s) }
    }
}

#[cfg(test)]
mod tests;
