//! `settle`: makes a waiting task ready because its parents are finished. Completion does
//! this by itself; this one is for boards on which another program finished the parents.

use super::draft::{Draft, require_status, unchanged};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::task::Status;
use crate::transition::{Resting, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "settle";

/// Promotes a task that waits for nothing. Only `todo` is promoted without being asked: a blocked
/// task waits for a person, whatever the history of its events says (B14, B15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// Task.
    pub task: TaskId,
}

impl Settle {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, &[Status::Todo])?;
        if view.open_parents.count > 0 {
            return Ok(unchanged());
        }
        let mut draft = Draft::new(task, view);
        draft.move_other(&task.id, Status::Todo, Resting::Ready, NewEvent::Promoted);
        Ok(draft.moved(Status::Ready))
    }
}
