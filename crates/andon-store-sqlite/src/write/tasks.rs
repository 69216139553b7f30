//! Rows of tasks, of what Andon keeps beside them, and the board's pause.

use super::Writing;
use andon_core::id::{Assignee, RunId, TaskId};
use andon_core::task::{GoalMode, Hold, PastParents, Status};
use andon_core::time::Timestamp;
use andon_core::transition::{Fields, NewTask, Resting};
use andon_core::view::Pause;
use andon_store::flat::StateColumns;
use andon_store::{StoreError, codec};
use rusqlite::params;
use rusqlite::types::Value;

impl Writing<'_, '_> {
    pub(super) fn insert_task(&self, task: NewTask) -> Result<(), StoreError> {
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

    pub(super) fn set_state(&self, task: &TaskId, s: StateColumns) -> Result<(), StoreError> {
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

    pub(super) fn set_lease(
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

    pub(super) fn set_hold(&self, task: &TaskId, hold: &Hold) -> Result<(), StoreError> {
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

    pub(super) fn set_fields(&self, task: &TaskId, fields: Fields) -> Result<(), StoreError> {
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
        if set.is_empty() {
            return Ok(());
        }
        let columns: Vec<String> = set.iter().map(|(column, _)| format!("{column} = ?")).collect();
        let sql = format!("UPDATE tasks SET {} WHERE id = ?", columns.join(", "));
        let mut values: Vec<Value> = set.into_iter().map(|(_, value)| value).collect();
        values.push(Value::Text(task.as_str().to_owned()));
        self.exactly_one(&sql, rusqlite::params_from_iter(values))
    }

    pub(super) fn set_result(&self, task: &TaskId, result: &str) -> Result<(), StoreError> {
        self.exactly_one("UPDATE tasks SET result = ?1 WHERE id = ?2", (result, task.as_str()))
    }

    pub(super) fn set_pause(&self, pause: Option<Pause>) -> Result<(), StoreError> {
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

    pub(super) fn set_status(
        &self,
        task: &TaskId,
        from: Status,
        to: Resting,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE tasks SET status = ?2 WHERE id = ?1 AND status = ?3";
        self.exactly_one(sql, (task.as_str(), to.status().word(), from.word()))
    }

    pub(super) fn set_assignee(
        &self,
        task: &TaskId,
        assignee: Option<&Assignee>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE tasks SET assignee = ?2, consecutive_failures = 0, \
                   last_failure_error = NULL WHERE id = ?1";
        self.exactly_one(sql, (task.as_str(), assignee.map(Assignee::as_str)))
    }
}
