//! What an exit means: the cause under which a failure is counted, and its word in the event.

use super::RATE_LIMIT_EXIT;
use crate::policy::retry::Cause;
use crate::run::{Exit, Limit};

/// The cause of a failure that ended like this.
pub(super) fn cause(exit: &Exit) -> Cause {
    match exit {
        Exit::Code(0) => Cause::Protocol,
        Exit::Code(RATE_LIMIT_EXIT) => Cause::RateLimit,
        Exit::SpawnFailed(_) => Cause::Spawn,
        Exit::Limit(Limit::Time { .. }) => Cause::Timeout,
        Exit::Limit(Limit::Idle { .. }) => Cause::Stale,
        Exit::Code(_)
        | Exit::Signal(_)
        | Exit::Lost(_)
        | Exit::Interrupted(_)
        | Exit::Limit(Limit::Memory { .. } | Limit::Cpu { .. }) => Cause::Crash,
    }
}

/// What the event `crashed` calls it.
pub(super) fn exit_kind(exit: &Exit) -> &'static str {
    match exit {
        Exit::Code(_) => "nonzero_exit",
        Exit::Signal(_) => "signaled",
        Exit::Limit(Limit::Memory { .. }) => "memory_limit",
        Exit::Limit(Limit::Cpu { .. }) => "cpu_limit",
        Exit::Limit(Limit::Time { .. }) => "time_limit",
        Exit::Limit(Limit::Idle { .. }) => "idle_limit",
        Exit::SpawnFailed(_) => "spawn_failed",
        Exit::Lost(_) | Exit::Interrupted(_) => "unknown",
    }
}
