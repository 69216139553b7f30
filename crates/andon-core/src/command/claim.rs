//! `claim`: takes a ready task and opens a run (board reference §9.10, §9.11).

use super::draft::{Draft, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{ClaimLock, TaskId};
use crate::policy::CLAIM_TTL_MAX;
use crate::process::Process;
use crate::rejected::Rejected;
use crate::task::{Claim as Hold, PastParents, Status, Task};
use crate::time::Seconds;
use crate::transition::{
    NewKeeper, OpenRun, Outcome, Resting, RunRef, Stage, State, Transition, Write,
};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "claim";

const FROM: &[Status] = &[Status::Ready, Status::Review];

/// Who takes the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A person or a program that works by itself and keeps the lease by heartbeats.
    Outside,
    /// This dispatcher, which will start a runner for it.
    Dispatcher(Process),
}

/// Takes a task, if nothing holds it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Task.
    pub task: TaskId,
    /// Proof of the holder, unlike every other.
    pub lock: ClaimLock,
    /// Life of the claim unless renewed; the policy's if absent.
    pub ttl: Option<Seconds>,
    /// Who takes it.
    pub holder: Holder,
}

impl Claim {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs {
            subject: Some(&self.task),
            lingering: true,
            parents: true,
            pause: true,
            ..Needs::default()
        }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        self.admit(task, view, ctx)?;
        if task.status == Status::Ready
            && view.open_parents.count > 0
            && task.hold.past_parents == PastParents::Wait
        {
            let mut draft = Draft::new(task, view);
            let event = NewEvent::ClaimRejected { reason: "parents_not_done" };
            draft.move_other(&task.id, Status::Ready, Resting::Todo, event);
            return Ok(draft.done(Outcome::SentBack { task: task.id.clone() }));
        }

        let ttl = self.ttl.unwrap_or(ctx.policy.claim_ttl);
        let expires = ctx.at + ttl;
        let claim = Hold { lock: self.lock.clone(), expires: Some(expires) };
        let mut draft = Draft::new(task, view);
        draft.close_leaked_run();
        draft.write(Write::OpenRun(Box::new(OpenRun {
            task: task.id.clone(),
            profile: task.assignee.clone(),
            step_key: task.current_step_key.clone(),
            claim: claim.clone(),
            max_runtime: task.max_runtime,
            keeper: match &self.holder {
                Holder::Outside => None,
                Holder::Dispatcher(claimer) => {
                    Some(NewKeeper { came_from: task.status, claimer: claimer.clone() })
                }
            },
        })));
        let stage = Stage::Running { run: RunRef::New, claim: claim.clone() };
        let started_at = task.started_at.or(Some(ctx.at));
        draft.state(State { stage, started_at, ..State::resting(task, Resting::Ready) });
        draft.hold(crate::task::Hold { not_before: None, ..task.hold.clone() });
        let source_status = (task.status == Status::Review).then_some(Status::Review);
        let lock = self.lock.clone();
        let event = NewEvent::Claimed { lock, expires, run: RunRef::New, source_status };
        draft.event(Some(RunRef::New), event);
        Ok(draft.done(Outcome::Claimed { task: task.id.clone(), claim }))
    }

    /// Everything that may hold a claim back, apart from parents.
    fn admit(&self, task: &Task, view: &View, ctx: Context<'_>) -> Result<(), Rejected> {
        if let Some(ttl) = self.ttl.filter(|ttl| ttl.0 < 1 || *ttl > CLAIM_TTL_MAX) {
            let why = format!("{ttl} is outside 1s to {CLAIM_TTL_MAX}");
            return Err(Rejected::invalid("ttl", why));
        }
        if let Some(pause) = &view.paused {
            return Err(Rejected::Paused { by: pause.by.clone(), reason: pause.reason.clone() });
        }
        require_status(VERB, task, FROM)?;
        if let Some(claim) = &task.claim
            && claim.expires.is_some_and(|expires| expires >= ctx.at)
        {
            let lock = claim.lock.to_string();
            return Err(Rejected::Claimed { verb: VERB, task: task.id.clone(), lock });
        }
        if let Some(run) = view.lingering {
            return Err(Rejected::StillEnding { task: task.id.clone(), run });
        }
        match (&self.holder, task.hold.not_before) {
            (Holder::Dispatcher(_), Some(until)) if until > ctx.at => {
                Err(Rejected::CoolingDown { task: task.id.clone(), until })
            }
            // A person who claims by hand has decided that it need not wait.
            (Holder::Dispatcher(_) | Holder::Outside, _) => Ok(()),
        }
    }
}
