//! `reclaim`: takes a running task back, to be tried again.

use super::draft::{Draft, require_status};
use super::finish_run::reclaimed;
use super::{Context, cancel, subject};
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::run::{StopTo, Termination};
use crate::task::Status;
use crate::text;
use crate::transition::Transition;
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "reclaim";

/// Ends a run, if its runner lives, and makes its task ready again. A blocked task that still has a
/// lock is not touched (B18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reclaim {
    /// Task.
    pub task: TaskId,
    /// Why.
    pub reason: Option<String>,
}

impl Reclaim {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, &[Status::Running])?;
        let reason = text::optional_prose("reason", self.reason.as_deref(), text::NOTE_BYTES_MAX)?;
        if let Some(stop) = cancel::request(view, ctx, StopTo::Ready, reason.clone())? {
            return Ok(stop);
        }
        let mut draft = Draft::new(task, view);
        let lock = task.claim.as_ref().map(|claim| claim.lock.clone());
        let to = reclaimed(&mut draft, task, view, (reason, lock, Termination::default()));
        Ok(draft.moved(to))
    }
}
