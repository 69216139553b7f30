//! The run for which a write is made. A write of a run that is over is refused.

use crate::target::Board;
use andon_core::id::{RunId, TaskId};

/// Flag of verbs that a worker uses.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Fence {
    /// Refuse unless this run is still the task's current one; a worker's own run is known.
    #[arg(long, value_name = "RUN")]
    run: Option<i64>,
}

impl Fence {
    /// The run that must be current: the one named, else the one of the worker that calls.
    pub(super) fn expected(&self, board: &Board, task: &TaskId) -> Option<RunId> {
        self.run.map(RunId).or_else(|| board.caller.run_of(task))
    }
}
