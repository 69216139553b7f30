//! Where a task stands after a decision: shapes in which a wrong state cannot be written.

use super::RunRef;
use crate::task::{BlockMemory, Claim, Status, Task};
use crate::time::Timestamp;

/// A status in which no run is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `Status`")]
pub enum Resting {
    Triage,
    Todo,
    Scheduled,
    Ready,
    Blocked,
    Review,
    Done,
    Archived,
}

impl Resting {
    /// The status.
    pub const fn status(self) -> Status {
        match self {
            Self::Triage => Status::Triage,
            Self::Todo => Status::Todo,
            Self::Scheduled => Status::Scheduled,
            Self::Ready => Status::Ready,
            Self::Blocked => Status::Blocked,
            Self::Review => Status::Review,
            Self::Done => Status::Done,
            Self::Archived => Status::Archived,
        }
    }
}

/// Where a task stands, with what must go along. A resting task has no claim, no worker and no
/// open run: there is no way to write one that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The status and what belongs to it.
    pub stage: Stage,
    /// First claim ever.
    pub started_at: Option<Timestamp>,
    /// When finished.
    pub completed_at: Option<Timestamp>,
    /// What came out.
    pub result: Option<String>,
    /// Failures in a row.
    pub failures: i64,
    /// Text of the last one.
    pub last_error: Option<String>,
    /// Memory of the loop breaker.
    pub block: BlockMemory,
}

/// Status with its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// No run is open. Heartbeats never outlive the run that sent them (B16, D19).
    Resting(Resting),
    /// A run is open.
    Running {
        /// Run.
        run: RunRef,
        /// Holder.
        claim: Claim,
    },
}

impl Stage {
    /// The status.
    pub const fn status(&self) -> Status {
        match self {
            Self::Resting(resting) => resting.status(),
            Self::Running { .. } => Status::Running,
        }
    }
}

impl State {
    /// The task at rest in `to`, all else as it is.
    pub fn resting(task: &Task, to: Resting) -> Self {
        Self {
            stage: Stage::Resting(to),
            started_at: task.started_at,
            completed_at: task.completed_at,
            result: task.result.clone(),
            failures: task.consecutive_failures,
            last_error: task.last_failure_error.clone(),
            block: task.block,
        }
    }
}
