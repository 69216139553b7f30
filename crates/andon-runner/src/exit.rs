//! How a worker ended, and what it used.

use andon_core::run::{Exit, Usage};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use rustix::process::WaitIdStatus;

/// Translates what the kernel reported at reaping.
pub fn of_status(status: &WaitIdStatus) -> Exit {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        // Only exited children are waited for, so the kernel has no third answer.
        (None, None) => Exit::Lost(format!("unknown wait status {}", status.raw_code())),
    }
}

/// What all reaped children of this process used. A runner has one worker, and the descendants that
/// nobody else reaped, so this is the whole tree's use once the tree is gone.
pub fn usage_of_children() -> Usage {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or_else(
        |_| Usage::default(),
        |used| {
            let cpu = used.user_time().num_milliseconds() + used.system_time().num_milliseconds();
            Usage {
                cpu_ms: u64::try_from(cpu).unwrap_or(0),
                max_rss_kb: u64::try_from(used.max_rss()).unwrap_or(0),
            }
        },
    )
}
