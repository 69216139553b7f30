//! What goes into a store and what comes back.

use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::id::{EventId, OpId, RunId};
use andon_core::policy::Policy;
use andon_core::time::Timestamp;
use andon_core::transition::Outcome;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// A command with its sender and its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Stored with what the command wrote, so that after an unclear commit the truth can be looked
    /// up. A request that was carried out already answers [`Outcome::Unchanged`].
    pub op: OpId,
    /// Who asks.
    pub actor: Actor,
    /// What is asked.
    pub command: Command,
}

/// A change that is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What the command did.
    pub outcome: Outcome,
    /// Run that it opened or added.
    pub run: Option<RunId>,
    /// Last event that it wrote: its place in the board's history.
    pub event: Option<EventId>,
    /// Time of the change.
    pub at: Timestamp,
}

/// Gives the time. Read while the write lock is held.
pub trait Clock: Send + Sync {
    /// Seconds since the Unix epoch.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// What a store takes from outside: time, randomness, limits.
#[derive(Clone)]
pub struct Environment {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// 32 random bits, for task ids.
    pub random: Arc<dyn Fn() -> u32 + Send + Sync>,
    /// Limits.
    pub policy: Arc<Policy>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment").field("policy", &self.policy).finish_non_exhaustive()
    }
}
