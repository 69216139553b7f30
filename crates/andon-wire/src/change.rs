//! What a change did.

use crate::error::ErrorBody;
use andon_core::id::TaskId;
use andon_core::task::Status;
use andon_core::transition::Outcome;
use serde::Serialize;

/// What verbs that change a task write. One task gives an object, several give a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeObject {
    /// Task.
    pub task_id: String,
    /// What happened: `created`, `existing`, `claimed`, `sent_back`, `moved`, `stopping`,
    /// `stopped`, `held_back`, `recorded`, `unchanged`; null for a task that was refused.
    pub change: Option<&'static str>,
    /// Where the task stands now, where the change says so.
    pub status: Option<&'static str>,
    /// Run that was opened, added or asked to end.
    pub run_id: Option<i64>,
    /// Last event that the change wrote.
    pub event_id: Option<i64>,
    /// Time of the change.
    pub at: Option<i64>,
    /// Why the task was refused.
    pub error: Option<ErrorBody>,
}

impl ChangeObject {
    /// What was done to `task`.
    pub fn done(task: &TaskId, outcome: &Outcome) -> Self {
        let (change, status, run) = match outcome {
            Outcome::Created { status, .. } => ("created", Some(*status), None),
            Outcome::Existing { status, .. } => ("existing", Some(*status), None),
            Outcome::Claimed { .. } => ("claimed", None, None),
            Outcome::SentBack { .. } => ("sent_back", Some(Status::Todo), None),
            Outcome::Moved { to, .. } => ("moved", Some(*to), None),
            Outcome::Stopping { run, .. } => ("stopping", None, Some(*run)),
            Outcome::HeldBack { .. } => ("held_back", None, None),
            Outcome::Recorded { .. } => ("recorded", None, None),
            Outcome::Unchanged | Outcome::PauseSet => ("unchanged", None, None),
        };
        Self {
            task_id: task.to_string(),
            change: Some(change),
            status: status.map(|status| status.word()),
            run_id: run.map(|run| run.0),
            event_id: None,
            at: None,
            error: None,
        }
    }

    /// A refusal, in a list with other tasks. The id is as it was given.
    pub fn refused(task: &str, error: ErrorBody) -> Self {
        Self {
            task_id: task.to_owned(),
            change: None,
            status: None,
            run_id: None,
            event_id: None,
            at: None,
            error: Some(error),
        }
    }
}

/// What `claim` writes (S30).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimObject<'a> {
    /// Task.
    pub task_id: &'a str,
    /// The run: name it in later writes, and they are refused once it is over.
    pub run_id: i64,
    /// Proof of the hold.
    pub claim_lock: &'a str,
    /// When the hold lapses unless renewed by `heartbeat`.
    pub claim_expires: Option<i64>,
    /// Directory to work in.
    pub workspace: &'a str,
}

/// What `comment` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommentedObject<'a> {
    /// Task.
    pub task_id: &'a str,
    /// Author as stored.
    pub author: &'a str,
    /// Characters stored.
    pub length: usize,
    /// The event.
    pub event_id: Option<i64>,
}

/// What `promote` writes, refusals included (surfaces reference §3.11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "named as in the reference")]
pub struct PromoteObject<'a> {
    pub task_id: &'a str,
    pub promoted: bool,
    pub dry_run: bool,
    pub forced: bool,
    pub reason: Option<&'a str>,
    pub error: Option<String>,
}
