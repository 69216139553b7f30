//! `expire`: takes back a claim whose lease ran out, once its holder is proven gone.

use super::draft::{Draft, came_from, require_run, require_status};
use super::finish_run::carry_out;
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{RunId, TaskId};
use crate::rejected::Rejected;
use crate::run::{Exit, RunOutcome, Termination, Usage};
use crate::task::{Claim, Status, Task};
use crate::transition::{RunEnd, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "expire";

/// What the dispatcher found out about the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Its process lives: the claim is extended.
    Alive,
    /// It is gone, or was never a process of ours; this is how it ended.
    Gone(Termination),
}

/// Judges a lapsed claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expire {
    /// Task.
    pub task: TaskId,
    /// Run whose lease lapsed; a renewal or a new claim meanwhile makes this void.
    pub run: Option<RunId>,
    /// What was found.
    pub evidence: Evidence,
}

impl Expire {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, children: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, &[Status::Running])?;
        require_run(task, self.run)?;
        let expires = task.claim.as_ref().and_then(|claim| claim.expires);
        if expires.is_some_and(|expires| expires >= ctx.at) {
            return Err(Rejected::NotExpired(task.id.clone()));
        }
        let mut draft = Draft::new(task, view);
        match (self.evidence, &task.claim) {
            (Evidence::Alive, Some(Claim { lock, .. })) => {
                let now = ctx.at + ctx.policy.claim_ttl;
                draft.write(Write::SetLease {
                    task: task.id.clone(),
                    run: task.current_run,
                    expires: now,
                    heartbeat: None,
                });
                let event = NewEvent::ClaimExtended {
                    worker_pid: task.worker_pid,
                    claim_lock: lock.clone(),
                    claim_expires_was: expires,
                    claim_expires_now: now,
                    last_heartbeat_at: task.last_heartbeat_at,
                };
                draft.event(task.current_run.map(crate::transition::RunRef::Known), event);
                Ok(draft.moved(Status::Running))
            }
            (Evidence::Alive, None) => Err(Rejected::NotExpired(task.id.clone())),
            (Evidence::Gone(termination), _) => {
                Ok(self.take_back(draft, task, view, (ctx, termination)))
            }
        }
    }

    /// The holder is gone: what was asked of its run is carried out, or the task returns to where
    /// it was claimed from.
    fn take_back(
        &self,
        mut draft: Draft<'_>,
        task: &Task,
        view: &View,
        (ctx, termination): (Context<'_>, Termination),
    ) -> Transition {
        draft.tree_gone(Exit::Lost("its lease ran out".to_owned()), Usage::default());
        let keeper = view.run.as_ref().and_then(|run| run.keeper.as_ref());
        if let Some(stop) = keeper.and_then(|keeper| keeper.stop.clone()) {
            let to = carry_out(&mut draft, task, view, (stop, termination));
            return draft.moved(to);
        }
        let to = give_back(&mut draft, task, view, (ctx, termination));
        draft.moved(to)
    }
}

/// Returns the task to where it was claimed from. Its holder is gone, which is not counted as a
/// failure of the task.
pub(super) fn give_back(
    draft: &mut Draft<'_>,
    task: &Task,
    view: &View,
    (ctx, termination): (Context<'_>, Termination),
) -> Status {
    let lock = task.claim.as_ref().map(|claim| claim.lock.clone());
    let held = lock.as_ref().map_or("nobody", |lock| lock.as_str());
    let error = format!("stale_lock={held}");
    let run = draft.close_run(RunEnd::with_error(RunOutcome::Reclaimed, error));
    let to = came_from(task, view);
    draft.rest(to);
    let event = NewEvent::ReclaimedExpired {
        stale_lock: lock,
        worker_pid: task.worker_pid,
        claim_expires: task.claim.as_ref().and_then(|claim| claim.expires),
        last_heartbeat_at: task.last_heartbeat_at,
        now: ctx.at,
        termination,
    };
    draft.event(run, event);
    to.status()
}
