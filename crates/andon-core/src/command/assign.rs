//! `assign`: says who shall do a task.

use super::draft::{Draft, unchanged};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{Assignee, TaskId};
use crate::policy::retry::FailureCounts;
use crate::rejected::Rejected;
use crate::task::{Hold, Status};
use crate::transition::{Outcome, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "assign";

/// Where the dispatcher's default assignee comes from (dispatch reference §0.8).
pub const DEFAULT_SOURCE: &str = "kanban.default_assignee";

/// Why a task is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody said so.
    Asked,
    /// Nobody was named, and the board has a default.
    Default,
}

/// Assigns a task, or takes the assignment away. A new assignee starts with a clean record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assign {
    /// Task.
    pub task: TaskId,
    /// New assignee.
    pub assignee: Option<Assignee>,
    /// Why.
    pub occasion: Occasion,
}

impl Assign {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        if let (Status::Running, Some(claim)) = (task.status, &task.claim) {
            let lock = claim.lock.to_string();
            return Err(Rejected::Claimed { verb: VERB, task: task.id.clone(), lock });
        }
        let taken = self.occasion == Occasion::Default && task.assignee.is_some();
        if taken || task.assignee == self.assignee {
            return Ok(unchanged());
        }
        let source = match self.occasion {
            Occasion::Asked => None,
            Occasion::Default => Some(DEFAULT_SOURCE),
        };
        let mut draft = Draft::new(task, view);
        let assignee = self.assignee.clone();
        draft.write(Write::SetAssignee { task: task.id.clone(), assignee: assignee.clone() });
        draft.hold(Hold {
            failures: FailureCounts::default(),
            not_before: None,
            ..task.hold.clone()
        });
        draft.event(None, NewEvent::Assigned { assignee, source });
        Ok(draft.done(Outcome::Recorded { task: task.id.clone() }))
    }
}
