//! Signals that whoever started this process ignores. A program inherits them as ignored, and so do
//! those that it starts. One that is handled is in its usual state again in every program started.

use andon_proc::process;
use signal_hook::consts::{FORBIDDEN, SIGCHLD};
use std::io;
use std::sync::Arc;

/// Heeds the ends of children. Where SIGCHLD is ignored the kernel reaps them itself, and how they
/// ended is lost: for Git as well as for workers.
pub fn heed_children() {
    // A refusal leaves it as it was.
    heed(SIGCHLD).ok();
}

/// Heeds all signals that are ignored. For a process that becomes another program next: a worker
/// may count on them, and must not depend on how its dispatcher was started.
pub(crate) fn heed_ignored() {
    for signal in process::ignored_signals().iter().filter(|signal| !FORBIDDEN.contains(signal)) {
        // Refused for the two signals that the C library keeps to itself.
        heed(*signal).ok();
    }
}

/// Handles a signal by setting a flag that nobody reads.
pub(crate) fn heed(signal: i32) -> io::Result<()> {
    signal_hook::flag::register(signal, Arc::default()).map(drop)
}
