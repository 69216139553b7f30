//! What a dispatcher tells those who watch it. The dispatcher never prints; the binary does.

use super::report::{Phase, Spawned, TickReport};
use crate::quarantine::Record;
use andon_core::id::{BoardSlug, RunId, TaskId};
use andon_core::task::Status;
use std::path::Path;

/// One thing that happened to a dispatcher.
#[derive(Debug)]
pub enum Notice<'a> {
    /// Another dispatcher has the board; this one takes over when that one ends.
    StandingBy {
        /// Its process, if it runs on this host and the kernel says.
        holder: Option<i32>,
    },
    /// It has the board now.
    Leading {
        /// Runs of an earlier dispatcher that go on.
        adopted: usize,
    },
    /// It works with other surroundings from now on: settings, profiles.
    Reloaded,
    /// A worker was started.
    Started(&'a Spawned),
    /// A worker could not be started.
    StartFailed {
        /// Task.
        task: &'a TaskId,
        /// Why.
        error: &'a str,
        /// Where the task stands now, where the board could be told.
        to: Option<Status>,
    },
    /// A runner of this dispatcher ended.
    RunnerEnded {
        /// Task.
        task: &'a TaskId,
        /// Run.
        run: RunId,
    },
    /// Processes of a run whose runner died cannot be ended; the task is not given to anybody else.
    Survivors {
        /// Task.
        task: &'a TaskId,
        /// Run.
        run: RunId,
        /// How many.
        count: usize,
    },
    /// A pass is over.
    Tick(&'a TickReport),
    /// Something failed outside a pass.
    Trouble {
        /// Where.
        phase: Option<Phase>,
        /// What.
        error: &'a str,
    },
    /// The board went into quarantine, or stays in it.
    Quarantined(&'a Record),
    /// The board is in order again.
    Cleared,
    /// A backup was made.
    BackedUp {
        /// The backup.
        path: &'a Path,
    },
    /// A backup could not be made. The board is served as before.
    NotBackedUp {
        /// Why.
        error: &'a str,
    },
    /// It is over.
    Stopped,
}

/// Watches dispatchers. Called from their threads: it must be quick and must not panic.
pub trait Observer: Send + Sync {
    /// Takes notice.
    fn notice(&self, board: &BoardSlug, notice: &Notice<'_>);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn notice(&self, _: &BoardSlug, _: &Notice<'_>) {}
}
