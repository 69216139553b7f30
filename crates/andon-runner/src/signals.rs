//! Signals that whoever started this process ignores. A program inherits them as ignored, and so do
//! those that it starts. One that is handled is in its usual state again in every program started.

use andon_proc::process;
use signal_hook::consts::{FORBIDDEN, SIGCHLD};
use std::sync::Arc;

/// Heeds the ends of children. Where SIGCHLD is ignored the kernel reaps them itself, and how they
/// ended is lost: for Git as well as for workers.
pub fn heed_children() {
    heed(SIGCHLD);
}

/// Heeds all signals that are ignored. For a process that becomes another program next: a worker
/// may count on them, and must not depend on how its dispatcher was started.
pub(crate) fn heed_ignored() {
    let ignored = process::ignored_signals();
    ignored.into_iter().filter(|signal| !FORBIDDEN.contains(signal)).for_each(heed);
}

/// By a handler that only sets a flag. A refusal, as for the two signals that the C library keeps
/// to itself, leaves the signal as it was.
fn heed(signal: i32) {
    signal_hook::flag::register(signal, Arc::default()).ok();
}
