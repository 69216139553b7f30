//! `schedule`: parks a task, if wanted until a time at which it wakes by itself.

use super::create::check_due;
use super::draft::{Draft, require_run, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{RunId, TaskId};
use crate::rejected::Rejected;
use crate::run::RunOutcome;
use crate::task::{Hold, Status};
use crate::text;
use crate::time::Timestamp;
use crate::transition::{Resting, RunEnd, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "schedule";

const FROM: &[Status] = &[Status::Todo, Status::Ready, Status::Running, Status::Blocked];

/// Parks a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Task.
    pub task: TaskId,
    /// Why; also becomes a comment.
    pub reason: Option<String>,
    /// When it wakes; without one, somebody must unblock it.
    pub due_at: Option<Timestamp>,
    /// Run that says so.
    pub expected_run: Option<RunId>,
}

impl Schedule {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, FROM)?;
        require_run(task, self.expected_run)?;
        let reason = text::optional_prose("reason", self.reason.as_deref(), text::NOTE_BYTES_MAX)?;
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        if let Some(due) = self.due_at {
            check_due(due, ctx.at)?;
        }
        let mut draft = Draft::new(task, view);
        if let Some(reason) = &reason {
            draft.comment(&ctx.actor.name, &format!("SCHEDULED: {reason}"));
        }
        let run = draft.end_run(RunEnd::with_summary(RunOutcome::Scheduled, reason.clone()));
        draft.rest(Resting::Scheduled);
        draft.hold(Hold { due_at: self.due_at, not_before: None, ..task.hold.clone() });
        draft.event(run, NewEvent::Scheduled { reason, due_at: self.due_at });
        Ok(draft.moved(Status::Scheduled))
    }
}
