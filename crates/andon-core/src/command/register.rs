//! `register`: records who keeps a run. The worker is held until this is committed, so a crash in
//! between leaves nothing running (D15, D16).

use super::draft::{Draft, require_run, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{RunId, TaskId};
use crate::process::Process;
use crate::rejected::Rejected;
use crate::task::Status;
use crate::transition::{Outcome, RunRef, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "register";

/// Records runner and worker of the task's current run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// Task.
    pub task: TaskId,
    /// Run; refused once it is no longer current.
    pub run: RunId,
    /// The runner.
    pub runner: Process,
    /// Its worker, started but held.
    pub worker: Process,
}

impl Register {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_run(task, Some(self.run))?;
        require_status(VERB, task, &[Status::Running])?;
        let keeper = view.run.as_ref().and_then(|run| run.keeper.as_ref());
        let keeper = keeper.ok_or(Rejected::UnknownRun(self.run))?;
        if let Some(stop) = &keeper.stop {
            return Err(Rejected::AlreadyStopping { task: task.id.clone(), to: stop.to });
        }
        if keeper.runner.is_some() {
            let why = format!("run {} has a runner already", self.run);
            return Err(Rejected::NothingToDo(why));
        }
        let mut draft = Draft::new(task, view);
        let pid = i64::from(self.worker.pid);
        draft.write(Write::RegisterKeeper {
            run: self.run,
            runner: self.runner.clone(),
            worker: self.worker.clone(),
        });
        draft.write(Write::SetWorkerPid { task: task.id.clone(), run: self.run, pid });
        draft.event(Some(RunRef::Known(self.run)), NewEvent::Spawned { pid });
        Ok(draft.done(Outcome::Recorded { task: task.id.clone() }))
    }
}
