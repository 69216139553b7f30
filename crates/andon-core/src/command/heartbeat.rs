//! `heartbeat`: a sign of life, which also renews the lease (S30).

use super::draft::{Draft, require_run, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{ClaimLock, RunId, TaskId};
use crate::rejected::Rejected;
use crate::task::{Status, Task};
use crate::text;
use crate::time::Timestamp;
use crate::transition::{Outcome, RunRef, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "heartbeat";

/// Whose sign of life it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// The worker's own; a note becomes an event. Beats without one are only remembered, so that
    /// they do not fill the history (D22).
    Worker {
        /// What it does at the moment.
        note: Option<String>,
    },
    /// The runner's, which only keeps the lease.
    Keeper,
}

/// Renews the lease of a running task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// Task.
    pub task: TaskId,
    /// Run that lives; a late beat of a dead run is refused.
    pub expected_run: Option<RunId>,
    /// Lock that proves the holder, where known.
    pub lock: Option<ClaimLock>,
    /// Whose sign it is.
    pub sign: Sign,
}

impl Heartbeat {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_run(task, self.expected_run)?;
        require_status(VERB, task, &[Status::Running])?;
        if let Some(lock) = &self.lock {
            let held = task.claim.as_ref().map(|claim| &claim.lock);
            if held != Some(lock) {
                let lock = held.map_or_else(|| "nobody".to_owned(), ToString::to_string);
                return Err(Rejected::NotYourClaim { task: task.id.clone(), lock });
            }
        }
        let mut draft = Draft::new(task, view);
        let (heartbeat, note) = match &self.sign {
            Sign::Keeper => (None, None),
            Sign::Worker { note } => {
                let note = text::optional_prose("note", note.as_deref(), text::NOTE_BYTES_MAX)?;
                (Some(ctx.at), note.filter(|note| !note.trim().is_empty()))
            }
        };
        let expires = self.renewed(task, ctx.at + ctx.policy.claim_ttl);
        draft.write(Write::SetLease {
            task: task.id.clone(),
            run: task.current_run,
            expires,
            heartbeat,
        });
        if let Some(note) = note {
            let run = task.current_run.map(RunRef::Known);
            draft.event(run, NewEvent::Heartbeat { note: Some(note) });
        }
        Ok(draft.done(Outcome::Recorded { task: task.id.clone() }))
    }

    /// When the lease ends now. A claim may have been made for longer than the policy's span: a
    /// worker's sign of life never shortens it. A runner's lease is the policy's alone.
    fn renewed(&self, task: &Task, by_policy: Timestamp) -> Timestamp {
        let end = task.claim.as_ref().and_then(|claim| claim.expires);
        match self.sign {
            Sign::Worker { .. } => end.map_or(by_policy, |end| end.max(by_policy)),
            Sign::Keeper => by_policy,
        }
    }
}
