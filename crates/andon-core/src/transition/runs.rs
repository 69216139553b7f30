//! How runs begin and end.

use crate::id::{Assignee, TaskId};
use crate::process::Process;
use crate::run::{JsonText, RunOutcome};
use crate::task::{Claim, Status};
use crate::time::Seconds;

/// A run to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRun {
    /// Task.
    pub task: TaskId,
    /// Profile.
    pub profile: Option<Assignee>,
    /// Copied from the task.
    pub step_key: Option<String>,
    /// Holder.
    pub claim: Claim,
    /// Bound.
    pub max_runtime: Option<Seconds>,
    /// For claims by a dispatcher.
    pub keeper: Option<NewKeeper>,
}

/// Who will keep a run that a dispatcher claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeeper {
    /// Status that the claim is taken from.
    pub came_from: Status,
    /// Dispatcher.
    pub claimer: Process,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// Outcome.
    pub outcome: RunOutcome,
    /// Hand-off text.
    pub summary: Option<String>,
    /// Hand-off data.
    pub metadata: Option<JsonText>,
    /// What went wrong.
    pub error: Option<String>,
}

impl RunEnd {
    /// An end with a summary and nothing else.
    pub fn with_summary(outcome: RunOutcome, summary: Option<String>) -> Self {
        Self { outcome, summary, metadata: None, error: None }
    }

    /// An end with an error and nothing else.
    pub fn with_error(outcome: RunOutcome, error: String) -> Self {
        Self { outcome, summary: None, metadata: None, error: Some(error) }
    }

    /// The `status` column of a run closed by this end: `done` for a live run that completed
    /// (board reference §11).
    pub fn closed_status(&self) -> &'static str {
        match self.outcome {
            RunOutcome::Completed => "done",
            other => other.word(),
        }
    }
}
