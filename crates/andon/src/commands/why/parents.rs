//! The open parents of a task, and in a few words what each of them waits for: one level, for
//! whoever wants to know more asks about the parent.

use super::facts;
use crate::error::CliError;
use crate::target::Board;
use crate::when;
use andon_core::id::{Assignee, TaskId};
use andon_core::task::{Status, Task};
use serde_json::{Value, json};

/// Open parents; the store names the first few and counts all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parents {
    pub(super) count: usize,
    pub(super) named: Vec<Parent>,
}

/// An open parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) id: TaskId,
    pub(super) status: Status,
    /// What it waits for, or does.
    pub(super) doing: String,
}

/// Reads them.
pub(super) fn gather(board: &Board, task: &Task) -> Result<Parents, CliError> {
    let open = board.store.open_parents(&task.id)?;
    let mut named = Vec::with_capacity(open.named.len());
    for id in open.named {
        // A parent that was deleted meanwhile holds nobody back.
        if let Some(parent) = board.store.task_get(&id)? {
            let doing = doing(board, &parent)?;
            named.push(Parent { id, status: parent.status, doing });
        }
    }
    Ok(Parents { count: open.count, named })
}

fn doing(board: &Board, parent: &Task) -> Result<String, CliError> {
    Ok(match parent.status {
        Status::Triage => "in triage".to_owned(),
        Status::Todo => match board.store.open_parents(&parent.id)?.count {
            0 => "about to become ready".to_owned(),
            1 => "itself waiting for one parent".to_owned(),
            count => format!("itself waiting for {count} parents"),
        },
        Status::Scheduled => match parent.hold.due_at {
            Some(at) => format!("parked until {}", when::local(at)),
            None => "parked".to_owned(),
        },
        Status::Ready => match &parent.assignee {
            Some(name) => format!("ready, for {name}"),
            None => "ready, for nobody".to_owned(),
        },
        Status::Running => format!("running, by {}", name(parent.assignee.as_ref())),
        Status::Blocked => match facts::parked(board, parent)?.and_then(|it| it.reason) {
            Some(reason) => format!("blocked: {reason}"),
            None => "blocked".to_owned(),
        },
        Status::Review => "in review".to_owned(),
        Status::Done | Status::Archived => parent.status.to_string(),
    })
}

fn name(assignee: Option<&Assignee>) -> &str {
    assignee.map_or("nobody", Assignee::as_str)
}

impl Parents {
    /// The parents for programs.
    pub(super) fn object(&self) -> Value {
        let named = self.named.iter().map(|parent| {
            json!({
                "task_id": parent.id.as_str(),
                "status": parent.status.word(),
                "doing": parent.doing,
            })
        });
        json!({ "count": self.count, "named": named.collect::<Vec<_>>() })
    }

    /// The parents in a sentence.
    pub(super) fn listed(&self) -> String {
        let named = self.named.iter().map(|parent| format!("{} ({})", parent.id, parent.doing));
        let mut parts: Vec<String> = named.collect();
        let more = self.count.saturating_sub(self.named.len());
        if more > 0 {
            parts.push(format!("{more} more"));
        }
        parts.join(", ")
    }
}
