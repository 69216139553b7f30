//! `archive`: puts a task away. A running one is ended first, its whole process tree (D34).

use super::draft::Draft;
use super::{Context, cancel, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::run::{RunOutcome, StopTo};
use crate::task::{Hold, Status};
use crate::transition::{Resting, RunEnd, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "archive";

/// Puts a task away. Children that waited for it alone become ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Task.
    pub task: TaskId,
}

impl Archive {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), children: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        if task.status == Status::Archived {
            return Err(Rejected::NothingToDo(format!("{} is archived already", task.id)));
        }
        if let Some(stop) = cancel::request(view, ctx, StopTo::Archived, None)? {
            return Ok(stop);
        }
        let mut draft = Draft::new(task, view);
        put_away(&mut draft, "the task was archived while the run was active".to_owned());
        Ok(draft.moved(Status::Archived))
    }
}

/// Everything that putting a task away means; `why` is for its run, where one is open.
pub(super) fn put_away(draft: &mut Draft<'_>, why: String) {
    let run = draft.close_run(RunEnd::with_summary(RunOutcome::Reclaimed, Some(why)));
    draft.rest(Resting::Archived);
    draft.hold(Hold::default());
    draft.event(run, NewEvent::Archived);
    draft.release_children();
}
