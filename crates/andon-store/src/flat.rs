//! The one mapping from a task's state to the flat columns of the board file, shared by all stores.

use andon_core::id::RunId;
use andon_core::task::{BlockMemory, Claim, Status, Task};
use andon_core::time::Timestamp;
use andon_core::transition::{RunRef, Stage, State};

/// The columns that [`andon_core::transition::Write::SetState`] writes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of board reference §4")]
pub struct StateColumns {
    pub status: Status,
    pub claim: Option<Claim>,
    pub worker_pid: Option<i64>,
    pub last_heartbeat_at: Option<Timestamp>,
    pub current_run: Option<RunId>,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub result: Option<String>,
    pub consecutive_failures: i64,
    pub last_failure_error: Option<String>,
    pub block: BlockMemory,
}

impl StateColumns {
    /// Flattens. `resolve` gives the id of a run that the transition opened.
    pub fn new(state: State, resolve: impl Fn(RunRef) -> RunId) -> Self {
        let status = state.stage.status();
        let (claim, current_run) = match state.stage {
            Stage::Resting(_) => (None, None),
            Stage::Running { run, claim } => (Some(claim), Some(resolve(run))),
        };
        Self {
            status,
            claim,
            worker_pid: None,
            last_heartbeat_at: None,
            current_run,
            started_at: state.started_at,
            completed_at: state.completed_at,
            result: state.result,
            consecutive_failures: state.failures,
            last_failure_error: state.last_error,
            block: state.block,
        }
    }

    /// Puts the columns into a task.
    pub fn put(self, task: &mut Task) {
        task.status = self.status;
        task.claim = self.claim;
        task.worker_pid = self.worker_pid;
        task.last_heartbeat_at = self.last_heartbeat_at;
        task.current_run = self.current_run;
        task.started_at = self.started_at;
        task.completed_at = self.completed_at;
        task.result = self.result;
        task.consecutive_failures = self.consecutive_failures;
        task.last_failure_error = self.last_failure_error;
        task.block = self.block;
    }
}
