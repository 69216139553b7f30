//! `due`: wakes a scheduled task whose time has come. The peer has no such timer.

use super::draft::{Draft, ready_or_todo, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::task::{Hold, Status};
use crate::transition::Transition;
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "wake";

/// Wakes a task that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Task.
    pub task: TaskId,
}

impl Due {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, &[Status::Scheduled])?;
        if task.hold.due_at.is_none_or(|due| due > ctx.at) {
            return Err(Rejected::NothingToDo(format!("{} is not due yet", task.id)));
        }
        let to = ready_or_todo(task, view);
        let mut draft = Draft::new(task, view);
        draft.close_leaked_run();
        draft.rest(to);
        draft.hold(Hold { due_at: None, ..task.hold.clone() });
        draft.event(None, NewEvent::Unblocked { to: to.status() });
        Ok(draft.moved(to.status()))
    }
}
