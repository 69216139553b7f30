//! Writes what a decision asks for, row by row, inside the command's own transaction. It chooses
//! nothing: every status comes from `andon-core`.

use crate::fault;
use crate::statement::prepare;
use andon_core::event::NewEvent;
use andon_core::id::{EventId, RunId, TaskId};
use andon_core::task::{GoalMode, Hold, PastParents};
use andon_core::time::Timestamp;
use andon_core::transition::{Fields, NewTask, OpenRun, RunEnd, RunRef, Write};
use andon_core::view::Pause;
use andon_store::flat::StateColumns;
use andon_store::{StoreError, codec};
use rusqlite::types::Value;
use rusqlite::{Connection, Params, params};

/// What the writer was doing, for errors.
pub(crate) const DOING: &str = "write to the board";

/// Carries out the writes of one transition.
pub(crate) struct Writing<'a> {
    db: &'a Connection,
    at: Timestamp,
    opened: Option<RunId>,
    event: Option<EventId>,
}

/// What the writes gave ids to.
pub(crate) struct Written {
    pub(crate) run: Option<RunId>,
    pub(crate) event: Option<EventId>,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(db: &'a Connection, at: Timestamp) -> Self {
        Self { db, at, opened: None, event: None }
    }

    pub(crate) fn all(mut self, writes: Vec<Write>) -> Result<Written, StoreError> {
        for write in writes {
            self.one(write)?;
        }
        Ok(Written { run: self.opened, event: self.event })
    }

    fn one(&mut self, write: Write) -> Result<(), StoreError> {
        match write {
            Write::InsertTask(task) => self.insert_task(*task),
            Write::SetState { task, state } => {
                let opened = self.opened;
                self.set_state(&task, StateColumns::new(*state, |run| resolve(opened, run)))
            }
            Write::SetStatus { task, from, to } => {
                let sql = "UPDATE tasks SET status = ?2 WHERE id = ?1 AND status = ?3";
                self.exactly_one(sql, (task.as_str(), to.status().word(), from.word()))
            }
            Write::SetLease { task, run, expires, heartbeat } => {
                self.set_lease(&task, run, expires, heartbeat)
            }
            Write::SetWorkerPid { task, run, pid } => {
                let sql = "UPDATE tasks SET worker_pid = ?2 WHERE id = ?1";
                self.exactly_one(sql, (task.as_str(), pid))?;
                self.exactly_one("UPDATE task_runs SET worker_pid = ?2 WHERE id = ?1", (run.0, pid))
            }
            Write::SetFields { task, fields } => self.set_fields(&task, *fields),
            Write::SetAssignee { task, assignee } => {
                let sql = "UPDATE tasks SET assignee = ?2, consecutive_failures = 0, \
                           last_failure_error = NULL WHERE id = ?1";
                self.exactly_one(sql, (task.as_str(), assignee.as_ref().map(|a| a.as_str())))
            }
            Write::SetHold { task, hold } => self.set_hold(&task, &hold),
            Write::OpenRun(run) => self.open_run(&run),
            Write::CloseRun { run, end } => self.close_run(run, &end),
            Write::SynthesizeRun { task, profile, step_key, end } => {
                let sql = "INSERT INTO task_runs (task_id, profile, step_key, status, outcome, \
                           summary, metadata, error, started_at, ended_at) \
                           VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?8)";
                let profile = profile.as_ref().map(|p| p.as_str());
                self.exactly_one(
                    sql,
                    params![
                        task.as_str(),
                        profile,
                        step_key,
                        end.outcome.word(),
                        end.summary,
                        end.metadata.as_ref().map(|m| &m.0),
                        end.error,
                        self.at.0
                    ],
                )?;
                self.opened = Some(RunId(self.db.last_insert_rowid()));
                Ok(())
            }
            Write::EditRun { run, summary, metadata } => {
                let sql = "UPDATE task_runs SET summary = ?2, metadata = COALESCE(?3, metadata) \
                           WHERE id = ?1";
                self.exactly_one(sql, (run.0, summary, metadata.map(|m| m.0)))
            }
            Write::RegisterKeeper { run, runner, worker } => {
                let sql = "UPDATE andon_runs SET runner = ?2, worker = ?3 WHERE run_id = ?1";
                self.exactly_one(sql, (run.0, runner.to_string(), worker.to_string()))
            }
            Write::RequestStop { run, stop } => {
                let sql = "UPDATE andon_runs SET stop_to = ?2, stop_reason = ?3, stop_by = ?4, \
                           stop_at = ?5 WHERE run_id = ?1";
                self.exactly_one(sql, (run.0, stop.to.word(), stop.reason, stop.by, stop.at.0))
            }
            Write::TreeGone { run, exit, usage } => {
                let sql = "UPDATE andon_runs SET gone_at = ?2, exit = ?3, cpu_ms = ?4, \
                           max_rss_kb = ?5 WHERE run_id = ?1";
                let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                let (cpu, rss) = (clamp(usage.cpu_ms), clamp(usage.max_rss_kb));
                self.exactly_one(sql, (run.0, self.at.0, exit.to_string(), cpu, rss))
            }
            Write::AddLink { parent, child } => {
                let sql = "INSERT INTO task_links (parent_id, child_id) VALUES (?1, ?2)";
                self.exactly_one(sql, (parent.as_str(), child.as_str()))
            }
            Write::RemoveLink { parent, child } => {
                let sql = "DELETE FROM task_links WHERE parent_id = ?1 AND child_id = ?2";
                self.exactly_one(sql, (parent.as_str(), child.as_str()))
            }
            Write::AddComment { task, author, body } => {
                let sql = "INSERT INTO task_comments (task_id, author, body, created_at) \
                           VALUES (?1, ?2, ?3, ?4)";
                self.exactly_one(sql, (task.as_str(), author, body, self.at.0))
            }
            Write::AddEvent { task, run, event } => self.add_event(&task, run, &event),
            Write::SetPause(pause) => self.set_pause(pause),
        }
    }

    /// Runs a statement that must touch one row: the decision was made on that row, in this very
    /// transaction, so anything else is a fault of ours.
    fn exactly_one(&self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        match self.execute(sql, params)? {
            1 => Ok(()),
            n => Err(StoreError::Internal(format!("{n} rows instead of 1 changed by: {sql}"))),
        }
    }

    fn execute(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        let mut statement = prepare(self.db, sql, DOING)?;
        statement.execute(params).map_err(|e| fault::of(DOING, e))
    }

    fn insert_task(&self, task: NewTask) -> Result<(), StoreError> {
        let sql = "INSERT INTO tasks (id, title, body, assignee, status, priority, created_by, \
                   created_at, workspace_kind, workspace_path, branch_name, project_id, tenant, \
                   idempotency_key, max_runtime_seconds, skills, model_override, max_retries, \
                   goal_mode, goal_max_turns, session_id, block_kind, block_recurrences) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
                   ?17, ?18, ?19, ?20, ?21, ?22, ?23)";
        self.exactly_one(
            sql,
            params![
                task.id.as_str(),
                task.title,
                task.body,
                task.assignee.as_ref().map(|a| a.as_str()),
                task.status.status().word(),
                task.priority,
                task.created_by,
                self.at.0,
                task.workspace.kind.word(),
                task.workspace.path,
                task.workspace.branch,
                task.project_id,
                task.tenant,
                task.idempotency_key,
                task.max_runtime.map(|span| span.0),
                task.skills.as_deref().map(codec::skills_text),
                task.model_override,
                task.max_retries,
                task.goal_mode == GoalMode::On,
                task.goal_max_turns,
                task.session_id,
                task.block.kind.map(|kind| kind.word()),
                task.block.recurrences,
            ],
        )
    }

    fn set_state(&self, task: &TaskId, s: StateColumns) -> Result<(), StoreError> {
        let sql = "UPDATE tasks SET status = ?2, claim_lock = ?3, claim_expires = ?4, \
                   worker_pid = ?5, last_heartbeat_at = ?6, current_run_id = ?7, started_at = ?8, \
                   completed_at = ?9, result = ?10, consecutive_failures = ?11, \
                   last_failure_error = ?12, block_kind = ?13, block_recurrences = ?14 \
                   WHERE id = ?1";
        let expires = s.claim.as_ref().and_then(|claim| claim.expires);
        self.exactly_one(
            sql,
            params![
                task.as_str(),
                s.status.word(),
                s.claim.as_ref().map(|claim| claim.lock.as_str()),
                expires.map(|at| at.0),
                s.worker_pid,
                s.last_heartbeat_at.map(|at| at.0),
                s.current_run.map(|run| run.0),
                s.started_at.map(|at| at.0),
                s.completed_at.map(|at| at.0),
                s.result,
                s.consecutive_failures,
                s.last_failure_error,
                s.block.kind.map(|kind| kind.word()),
                s.block.recurrences,
            ],
        )
    }

    fn set_lease(
        &self,
        task: &TaskId,
        run: Option<RunId>,
        expires: Timestamp,
        heartbeat: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let beat = heartbeat.map(|at| at.0);
        let sql = "UPDATE tasks SET claim_expires = ?2, \
                   last_heartbeat_at = COALESCE(?3, last_heartbeat_at) WHERE id = ?1";
        self.exactly_one(sql, (task.as_str(), expires.0, beat))?;
        let Some(run) = run else { return Ok(()) };
        let sql = "UPDATE task_runs SET claim_expires = ?2, \
                   last_heartbeat_at = COALESCE(?3, last_heartbeat_at) WHERE id = ?1";
        self.exactly_one(sql, (run.0, expires.0, beat))
    }

    fn set_hold(&self, task: &TaskId, hold: &Hold) -> Result<(), StoreError> {
        if *hold == Hold::default() {
            self.execute("DELETE FROM andon_tasks WHERE task_id = ?1", [task.as_str()])?;
            return Ok(());
        }
        let sql = "INSERT INTO andon_tasks (task_id, not_before, due_at, past_parents, f_spawn, \
                   f_crash, f_timeout, f_rate_limit, f_protocol, f_stale) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
                   ON CONFLICT (task_id) DO UPDATE SET not_before = ?2, due_at = ?3, \
                   past_parents = ?4, f_spawn = ?5, f_crash = ?6, f_timeout = ?7, \
                   f_rate_limit = ?8, f_protocol = ?9, f_stale = ?10";
        let f = &hold.failures;
        self.exactly_one(
            sql,
            params![
                task.as_str(),
                hold.not_before.map(|at| at.0),
                hold.due_at.map(|at| at.0),
                hold.past_parents == PastParents::Overruled,
                f.spawn,
                f.crash,
                f.timeout,
                f.rate_limit,
                f.protocol,
                f.stale,
            ],
        )
    }

    fn open_run(&mut self, run: &OpenRun) -> Result<(), StoreError> {
        let sql = "INSERT INTO task_runs (task_id, profile, step_key, status, claim_lock, \
                   claim_expires, max_runtime_seconds, started_at) \
                   VALUES (?1, ?2, ?3, 'running', ?4, ?5, ?6, ?7)";
        self.exactly_one(
            sql,
            params![
                run.task.as_str(),
                run.profile.as_ref().map(|p| p.as_str()),
                run.step_key,
                run.claim.lock.as_str(),
                run.claim.expires.map(|at| at.0),
                run.max_runtime.map(|span| span.0),
                self.at.0,
            ],
        )?;
        let id = self.db.last_insert_rowid();
        self.opened = Some(RunId(id));
        let Some(keeper) = &run.keeper else { return Ok(()) };
        let sql = "INSERT INTO andon_runs (run_id, task_id, came_from, claimer) \
                   VALUES (?1, ?2, ?3, ?4)";
        let claimer = keeper.claimer.to_string();
        self.exactly_one(sql, (id, run.task.as_str(), keeper.came_from.word(), claimer))
    }

    fn close_run(&self, run: RunId, end: &RunEnd) -> Result<(), StoreError> {
        let sql = "UPDATE task_runs SET status = ?2, outcome = ?3, summary = ?4, metadata = ?5, \
                   error = ?6, ended_at = ?7, claim_lock = NULL, claim_expires = NULL, \
                   worker_pid = NULL WHERE id = ?1 AND ended_at IS NULL";
        self.exactly_one(
            sql,
            params![
                run.0,
                end.closed_status(),
                end.outcome.word(),
                end.summary,
                end.metadata.as_ref().map(|m| &m.0),
                end.error,
                self.at.0,
            ],
        )
    }

    fn add_event(
        &mut self,
        task: &TaskId,
        run: Option<RunRef>,
        event: &NewEvent,
    ) -> Result<(), StoreError> {
        let opened = self.opened;
        let sql = "INSERT INTO task_events (task_id, run_id, kind, payload, created_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        let payload = codec::payload(event, |run| resolve(opened, run));
        let run = run.map(|run| resolve(opened, run).0);
        self.exactly_one(sql, (task.as_str(), run, event.kind(), payload, self.at.0))?;
        let id = self.db.last_insert_rowid();
        self.event = Some(EventId(id));
        // A due time holds only for the scheduling that set it: the peer may unblock the task and
        // schedule it again without one, and knows nothing of ours.
        if let NewEvent::Scheduled { due_at: Some(_), .. } = event {
            let sql = "UPDATE andon_tasks SET due_event = ?2 WHERE task_id = ?1";
            self.exactly_one(sql, (task.as_str(), id))?;
        }
        Ok(())
    }

    fn set_fields(&self, task: &TaskId, fields: Fields) -> Result<(), StoreError> {
        let mut set: Vec<(&str, Value)> = Vec::new();
        let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
        let number = |n: Option<i64>| n.map_or(Value::Null, Value::Integer);
        if let Some(title) = fields.title {
            set.push(("title", Value::Text(title)));
        }
        if let Some(body) = fields.body {
            set.push(("body", text(body)));
        }
        if let Some(priority) = fields.priority {
            set.push(("priority", Value::Integer(priority)));
        }
        if let Some(tenant) = fields.tenant {
            set.push(("tenant", text(tenant)));
        }
        if let Some(span) = fields.max_runtime {
            set.push(("max_runtime_seconds", number(span.map(|span| span.0))));
        }
        if let Some(retries) = fields.max_retries {
            set.push(("max_retries", number(retries)));
        }
        if let Some(skills) = fields.skills {
            set.push(("skills", text(skills.as_deref().map(codec::skills_text))));
        }
        if let Some(model) = fields.model_override {
            set.push(("model_override", text(model)));
        }
        if let Some(workspace) = fields.workspace {
            set.push(("workspace_kind", Value::Text(workspace.kind.word().to_owned())));
            set.push(("workspace_path", text(workspace.path)));
            set.push(("branch_name", text(workspace.branch)));
        }
        if let Some(result) = fields.result {
            set.push(("result", text(result)));
        }
        if set.is_empty() {
            return Ok(());
        }
        let columns: Vec<String> = set.iter().map(|(column, _)| format!("{column} = ?")).collect();
        let sql = format!("UPDATE tasks SET {} WHERE id = ?", columns.join(", "));
        let mut values: Vec<Value> = set.into_iter().map(|(_, value)| value).collect();
        values.push(Value::Text(task.as_str().to_owned()));
        self.exactly_one(&sql, rusqlite::params_from_iter(values))
    }

    fn set_pause(&self, pause: Option<Pause>) -> Result<(), StoreError> {
        self.execute("DELETE FROM andon_board WHERE key GLOB 'pause_*'", [])?;
        let Some(Pause { by, reason, at }) = pause else { return Ok(()) };
        let sql = "INSERT INTO andon_board (key, value) VALUES (?1, ?2)";
        self.exactly_one(sql, ("pause_by", by))?;
        self.exactly_one(sql, ("pause_at", at.0.to_string()))?;
        match reason {
            Some(reason) => self.exactly_one(sql, ("pause_reason", reason)),
            None => Ok(()),
        }
    }
}

/// The id of a run named by a transition.
fn resolve(opened: Option<RunId>, run: RunRef) -> RunId {
    match run {
        RunRef::Known(id) => id,
        RunRef::New => opened.expect("a transition names the new run only after opening one"),
    }
}
