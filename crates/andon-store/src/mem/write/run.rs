//! Writes about runs.

use super::{JsonText, Keeper, OpenRun, Run, RunEnd, RunId, StoreError, TaskId, Timestamp};
use super::{Writer, fault, require};

impl Writer<'_> {
    pub(super) fn open_run(&mut self, new: OpenRun) -> Result<(), StoreError> {
        let open = self.board.runs_of(&new.task).find(|run| run.is_open()).map(|run| run.id);
        require(open.is_none(), || format!("{} has run {open:?} open", new.task))?;
        let task = self.task(&new.task)?.id.clone();
        let keeper = new.keeper.map(|keeper| Keeper {
            came_from: keeper.came_from,
            claimer: keeper.claimer,
            runner: None,
            worker: None,
            stop: None,
            gone_at: None,
        });
        self.add_run(Run {
            id: self.board.next_run(),
            task,
            profile: new.profile.map(|profile| profile.to_string()),
            step_key: new.step_key,
            status: "running".to_owned(),
            claim: Some(new.claim),
            worker_pid: None,
            max_runtime: new.max_runtime,
            last_heartbeat_at: None,
            started_at: self.at,
            ended_at: None,
            outcome: None,
            summary: None,
            metadata: None,
            error: None,
            keeper,
        })
    }

    pub(super) fn synthesize_run(
        &mut self,
        task: &TaskId,
        (profile, step_key): (Option<String>, Option<String>),
        end: RunEnd,
    ) -> Result<(), StoreError> {
        let task = self.task(task)?.id.clone();
        let outcome = end.outcome.word().to_owned();
        self.add_run(Run {
            id: self.board.next_run(),
            task,
            profile,
            step_key,
            status: outcome.clone(),
            claim: None,
            worker_pid: None,
            max_runtime: None,
            last_heartbeat_at: None,
            started_at: self.at,
            ended_at: Some(self.at),
            outcome: Some(outcome),
            summary: end.summary,
            metadata: end.metadata,
            error: end.error,
            keeper: None,
        })
    }

    fn add_run(&mut self, run: Run) -> Result<(), StoreError> {
        require(self.written.run.is_none(), || "a second run in one transition".to_owned())?;
        self.written.run = Some(run.id);
        self.board.runs.insert(run.id, run);
        Ok(())
    }

    pub(super) fn close_run(&mut self, id: RunId, end: RunEnd) -> Result<(), StoreError> {
        let at = self.at;
        let run = self.run(id)?;
        require(run.is_open(), || format!("run {id} is closed already"))?;
        run.status = end.closed_status().to_owned();
        run.outcome = Some(end.outcome.word().to_owned());
        // A clock that was set back meanwhile must not end a run before it began.
        run.ended_at = Some(at.max(run.started_at));
        run.claim = None;
        run.worker_pid = None;
        (run.summary, run.metadata, run.error) = (end.summary, end.metadata, end.error);
        Ok(())
    }

    pub(super) fn edit_run(
        &mut self,
        id: RunId,
        summary: Option<String>,
        metadata: Option<JsonText>,
    ) -> Result<(), StoreError> {
        let run = self.run(id)?;
        require(!run.is_open(), || format!("run {id} is still open"))?;
        run.summary = summary;
        if metadata.is_some() {
            run.metadata = metadata;
        }
        Ok(())
    }

    pub(super) fn set_lease(
        &mut self,
        task: &TaskId,
        run: Option<RunId>,
        (expires, heartbeat): (Timestamp, Option<Timestamp>),
    ) -> Result<(), StoreError> {
        let task = self.task(task)?;
        require(task.current_run == run, || format!("{} has another run", task.id))?;
        let claim = task.claim.as_mut().ok_or_else(|| fault("a lease without a claim"))?;
        claim.expires = Some(expires);
        task.last_heartbeat_at = heartbeat.or(task.last_heartbeat_at);
        let Some(run) = run else { return Ok(()) };
        let run = self.run(run)?;
        let claim = run.claim.as_mut().ok_or_else(|| fault("an open run without a claim"))?;
        claim.expires = Some(expires);
        run.last_heartbeat_at = heartbeat.or(run.last_heartbeat_at);
        Ok(())
    }

    pub(super) fn set_worker_pid(
        &mut self,
        task: &TaskId,
        run: RunId,
        pid: i64,
    ) -> Result<(), StoreError> {
        let task = self.task(task)?;
        require(task.current_run == Some(run), || format!("{} has another run", task.id))?;
        task.worker_pid = Some(pid);
        self.run(run)?.worker_pid = Some(pid);
        Ok(())
    }
}
