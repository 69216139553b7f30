//! Writes what was decided. Every write states what it takes for granted; where that does not hold,
//! the decision saw another board than the one it is written to, and nothing is changed.

use super::board::Board;
use crate::flat::StateColumns;
use crate::{Comment, StoreError, codec};
use andon_core::event::{Event, NewEvent};
use andon_core::id::{EventId, RunId, TaskId};
use andon_core::run::{JsonText, Keeper, Run};
use andon_core::task::{Hold, Status, Task};
use andon_core::time::Timestamp;
use andon_core::transition::{
    Fields, NewTask, OpenRun, Resting, RunEnd, RunRef, Stage, State, Write,
};

mod run;

/// What a transition left behind.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Run that it opened or added.
    pub(super) run: Option<RunId>,
    /// Last event.
    pub(super) event: Option<EventId>,
}

/// Carries out the writes in order.
pub(super) fn all(
    board: &mut Board,
    writes: Vec<Write>,
    at: Timestamp,
) -> Result<Written, StoreError> {
    let mut writer = Writer { board, at, written: Written::default() };
    writes.into_iter().try_for_each(|write| writer.one(write))?;
    Ok(writer.written)
}

struct Writer<'b> {
    board: &'b mut Board,
    at: Timestamp,
    written: Written,
}

/// A fault of this program: a write does not fit the board.
fn fault(what: impl Into<String>) -> StoreError {
    StoreError::Internal(what.into())
}

fn require(holds: bool, what: impl FnOnce() -> String) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(fault(what())) }
}

impl Writer<'_> {
    fn one(&mut self, write: Write) -> Result<(), StoreError> {
        match write {
            Write::InsertTask(task) => self.insert_task(*task),
            Write::SetState { task, state } => self.set_state(&task, *state),
            Write::SetStatus { task, from, to } => self.set_status(&task, from, to),
            Write::SetLease { task, run, expires, heartbeat } => {
                self.set_lease(&task, run, (expires, heartbeat))
            }
            Write::SetWorkerPid { task, run, pid } => self.set_worker_pid(&task, run, pid),
            Write::SetFields { task, fields } => {
                set_fields(self.task(&task)?, *fields);
                Ok(())
            }
            Write::SetResult { task, result } => {
                self.task(&task)?.result = Some(result);
                Ok(())
            }
            Write::SetAssignee { task, assignee } => {
                let task = self.task(&task)?;
                require(task.assignee != assignee, || format!("{} is theirs already", task.id))?;
                task.assignee = assignee;
                task.consecutive_failures = 0;
                task.last_failure_error = None;
                Ok(())
            }
            Write::SetHold { task, hold } => {
                self.task(&task)?.hold = hold;
                Ok(())
            }
            Write::OpenRun(run) => self.open_run(*run),
            Write::CloseRun { run, end } => self.close_run(run, *end),
            Write::SynthesizeRun { task, profile, step_key, end } => {
                let profile = profile.map(|profile| profile.to_string());
                self.synthesize_run(&task, (profile, step_key), *end)
            }
            Write::EditRun { run, summary, metadata } => self.edit_run(run, summary, metadata),
            Write::RegisterKeeper { run, runner, worker } => {
                let keeper = self.keeper(run)?;
                require(keeper.runner.is_none(), || format!("run {run} has a runner"))?;
                (keeper.runner, keeper.worker) = (Some(runner), Some(worker));
                Ok(())
            }
            Write::RequestStop { run, stop } => {
                let keeper = self.keeper(run)?;
                require(keeper.stop.is_none(), || format!("run {run} is stopping"))?;
                keeper.stop = Some(stop);
                Ok(())
            }
            // How the worker ended and what it used is kept for people; no read returns it.
            Write::TreeGone { run, exit: _, usage: _ } => {
                let at = self.at;
                let keeper = self.keeper(run)?;
                require(keeper.gone_at.is_none(), || format!("run {run} is gone already"))?;
                keeper.gone_at = Some(at);
                Ok(())
            }
            Write::AddLink { parent, child } => self.add_link(parent, child),
            Write::RemoveLink { parent, child } => {
                let what = format!("no link {parent} -> {child}");
                require(self.board.links.remove(&(parent, child)), || what)
            }
            Write::AddComment { task, author, body } => self.add_comment(&task, author, body),
            Write::AddEvent { task, run, event } => self.add_event(&task, run, &event),
            Write::SetPause(pause) => {
                require(self.board.pause.is_some() != pause.is_some(), || "no turn".to_owned())?;
                self.board.pause = pause;
                Ok(())
            }
        }
    }

    fn task(&mut self, id: &TaskId) -> Result<&mut Task, StoreError> {
        self.board.tasks.get_mut(id).ok_or_else(|| fault(format!("no such task: {id}")))
    }

    fn run(&mut self, id: RunId) -> Result<&mut Run, StoreError> {
        self.board.runs.get_mut(&id).ok_or_else(|| fault(format!("no such run: {id}")))
    }

    fn keeper(&mut self, id: RunId) -> Result<&mut Keeper, StoreError> {
        let keeper = self.run(id)?.keeper.as_mut();
        keeper.ok_or_else(|| fault(format!("run {id} has no keeper")))
    }

    fn resolve(&self, run: RunRef) -> Result<RunId, StoreError> {
        match run {
            RunRef::Known(id) if self.board.runs.contains_key(&id) => Ok(id),
            RunRef::Known(id) => Err(fault(format!("no such run: {id}"))),
            RunRef::New => self.written.run.ok_or_else(|| fault("no run was opened yet")),
        }
    }

    fn insert_task(&mut self, new: NewTask) -> Result<(), StoreError> {
        let id = new.id.clone();
        self.board.made.push(id.clone());
        let before = self.board.tasks.insert(id.clone(), task_from(new, self.at));
        require(before.is_none(), || format!("{id} exists already"))
    }

    fn set_status(&mut self, task: &TaskId, from: Status, to: Resting) -> Result<(), StoreError> {
        let task = self.task(task)?;
        require(task.status == from, || format!("{} is {}, not {from}", task.id, task.status))?;
        require(task.current_run.is_none(), || format!("{} is claimed", task.id))?;
        task.status = to.status();
        Ok(())
    }

    fn set_state(&mut self, id: &TaskId, state: State) -> Result<(), StoreError> {
        let opened = match &state.stage {
            Stage::Resting(_) => None,
            Stage::Running { run, .. } => Some(self.resolve(*run)?),
        };
        if let Some(run) = opened {
            let run = self.run(run)?;
            require(run.task == *id && run.is_open(), || format!("run {} is not its", run.id))?;
        } else {
            let left = self.board.runs_of(id).find(|run| run.is_open()).map(|run| run.id);
            require(left.is_none(), || format!("{id} would rest with run {left:?} open"))?;
        }
        let columns = StateColumns::new(state, |_| opened.expect("resolved just above"));
        columns.put(self.task(id)?);
        Ok(())
    }

    fn add_link(&mut self, parent: TaskId, child: TaskId) -> Result<(), StoreError> {
        self.task(&parent)?;
        self.task(&child)?;
        let what = format!("{parent} -> {child} is linked already");
        require(self.board.links.insert((parent, child)), || what)
    }

    fn add_comment(
        &mut self,
        task: &TaskId,
        author: String,
        body: String,
    ) -> Result<(), StoreError> {
        let task = self.task(task)?.id.clone();
        let (id, at) = (self.board.next_comment(), self.at);
        self.board.comments.push(Comment { id, task, author, body, at });
        Ok(())
    }

    fn add_event(
        &mut self,
        task: &TaskId,
        run: Option<RunRef>,
        event: &NewEvent,
    ) -> Result<(), StoreError> {
        let task = self.task(task)?.id.clone();
        let run = run.map(|run| self.resolve(run)).transpose()?;
        let opened = self.written.run;
        let payload = codec::payload(event, |run| match run {
            RunRef::Known(id) => id,
            RunRef::New => opened.expect("a claimed event follows the run that it names"),
        });
        let id = self.board.next_event();
        let (kind, payload) = (event.kind().to_owned(), payload.map(JsonText));
        self.board.events.push(Event { id, task, run, kind, payload, at: self.at });
        self.written.event = Some(id);
        Ok(())
    }
}

fn task_from(new: NewTask, at: Timestamp) -> Task {
    Task {
        id: new.id,
        title: new.title,
        body: new.body,
        assignee: new.assignee,
        status: new.status.status(),
        priority: new.priority,
        created_by: new.created_by,
        created_at: at,
        started_at: None,
        completed_at: None,
        workspace: new.workspace,
        project_id: new.project_id,
        claim: None,
        tenant: new.tenant,
        result: None,
        idempotency_key: new.idempotency_key,
        consecutive_failures: 0,
        last_failure_error: None,
        worker_pid: None,
        max_runtime: new.max_runtime,
        last_heartbeat_at: None,
        current_run: None,
        workflow_template_id: None,
        current_step_key: None,
        skills: new.skills,
        model_override: new.model_override,
        max_retries: new.max_retries,
        goal_mode: new.goal_mode,
        goal_max_turns: new.goal_max_turns,
        session_id: new.session_id,
        block: new.block,
        hold: Hold::default(),
    }
}

fn set_fields(task: &mut Task, fields: Fields) {
    fn set<T>(field: &mut T, new: Option<T>) {
        if let Some(new) = new {
            *field = new;
        }
    }
    set(&mut task.title, fields.title);
    set(&mut task.body, fields.body);
    set(&mut task.priority, fields.priority);
    set(&mut task.tenant, fields.tenant);
    set(&mut task.max_runtime, fields.max_runtime);
    set(&mut task.max_retries, fields.max_retries);
    set(&mut task.skills, fields.skills);
    set(&mut task.model_override, fields.model_override);
    set(&mut task.workspace, fields.workspace);
}
