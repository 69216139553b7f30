//! `cancel`: ends a running task. The task is free only when its whole process tree is gone.

use super::draft::{Draft, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::run::{RunOutcome, Stop, StopTo, Termination};
use crate::task::Status;
use crate::text;
use crate::transition::{Outcome, Resting, RunEnd, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "cancel";

/// Ends a running task and parks it as blocked, so that nothing starts it again unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// Task.
    pub task: TaskId,
    /// Why.
    pub reason: Option<String>,
}

impl Cancel {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, &[Status::Running])?;
        let reason = text::optional_prose("reason", self.reason.as_deref(), text::NOTE_BYTES_MAX)?;
        if let Some(stop) = request(view, ctx, StopTo::Blocked, reason.clone())? {
            return Ok(stop);
        }
        let mut draft = Draft::new(task, view);
        cancelled(&mut draft, reason, &ctx.actor.name, Termination::default());
        draft.rest(Resting::Blocked);
        Ok(draft.moved(Status::Blocked))
    }
}

/// Closes the run as cancelled. The `blocked` event makes the park hold for the peer, too: it
/// promotes a blocked task whose newest such event says otherwise.
pub(super) fn cancelled(
    draft: &mut Draft<'_>,
    reason: Option<String>,
    by: &str,
    termination: Termination,
) {
    let error = match &reason {
        Some(reason) => format!("cancelled by {by}: {reason}"),
        None => format!("cancelled by {by}"),
    };
    let run = draft.close_run(RunEnd::with_error(RunOutcome::Cancelled, error.clone()));
    draft.event(run, NewEvent::Cancelled { reason, by: by.to_owned(), termination });
    draft.event(run, NewEvent::Blocked { reason: Some(error), kind: None, recurrences: 0 });
}

/// Where a runner keeps the run of a running subject, asks it to end the run: the transition, to be
/// returned as it is. Without one (a claim by hand, or not started yet) there is no process tree to
/// wait for. A task at rest waits for no run that another program left open: its end would find
/// that the task has moved on.
pub(super) fn request(
    view: &View,
    ctx: Context<'_>,
    to: StopTo,
    reason: Option<String>,
) -> Result<Option<Transition>, Rejected> {
    let (Some(task), Some(run)) = (&view.task, &view.run) else { return Ok(None) };
    let is_running = task.status == Status::Running && run.is_open();
    let Some(keeper) = run.keeper.as_ref().filter(|_| is_running) else { return Ok(None) };
    if keeper.runner.is_none() || keeper.gone_at.is_some() {
        return Ok(None);
    }
    if let Some(stop) = &keeper.stop {
        return Err(Rejected::AlreadyStopping { task: task.id.clone(), to: stop.to });
    }
    let stop = Stop { to, reason, by: ctx.actor.name.clone(), at: ctx.at };
    let writes = vec![Write::RequestStop { run: run.id, stop }];
    Ok(Some(Transition {
        writes,
        outcome: Outcome::Stopping { task: task.id.clone(), run: run.id },
    }))
}
