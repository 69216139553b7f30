//! `unblock`: releases a blocked or parked task (dispatch reference §3.5).

use super::draft::{Draft, ready_or_todo, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::task::{Hold, Status};
use crate::text;
use crate::transition::{State, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "unblock";

const FROM: &[Status] = &[Status::Blocked, Status::Scheduled];

/// Releases a task; it waits for open parents, unless it was promoted past them. The
/// count of repeated blocks stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unblock {
    /// Task.
    pub task: TaskId,
    /// Why; also becomes a comment.
    pub reason: Option<String>,
}

impl Unblock {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, FROM)?;
        let reason = text::optional_prose("reason", self.reason.as_deref(), text::NOTE_BYTES_MAX)?;
        let mut draft = Draft::new(task, view);
        if let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) {
            draft.comment(&ctx.actor.name, &format!("UNBLOCK: {reason}"));
        }
        draft.close_leaked_run();
        let to = ready_or_todo(task, view);
        draft.state(State { failures: 0, last_error: None, ..State::resting(task, to) });
        draft.hold(Hold { past_parents: task.hold.past_parents, ..Hold::default() });
        draft.event(None, NewEvent::Unblocked { to: to.status() });
        Ok(draft.moved(to.status()))
    }
}
