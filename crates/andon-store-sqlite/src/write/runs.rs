//! Rows of runs and of their keepers.

use super::Writing;
use andon_core::id::{Assignee, RunId, TaskId};
use andon_core::process::Process;
use andon_core::run::{Exit, JsonText, Stop, Usage};
use andon_core::transition::{OpenRun, RunEnd};
use andon_store::StoreError;
use rusqlite::params;

impl Writing<'_, '_> {
    pub(super) fn open_run(&mut self, run: &OpenRun) -> Result<(), StoreError> {
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
        let id = self.db.db().last_insert_rowid();
        self.opened = Some(RunId(id));
        let Some(keeper) = &run.keeper else { return Ok(()) };
        let sql = "INSERT INTO andon_runs (run_id, task_id, came_from, claimer) \
                   VALUES (?1, ?2, ?3, ?4)";
        let claimer = keeper.claimer.to_string();
        self.exactly_one(sql, (id, run.task.as_str(), keeper.came_from.word(), claimer))
    }

    /// A clock that was set back meanwhile must not end a run before it began.
    pub(super) fn close_run(&self, run: RunId, end: &RunEnd) -> Result<(), StoreError> {
        let sql = "UPDATE task_runs SET status = ?2, outcome = ?3, summary = ?4, metadata = ?5, \
                   error = ?6, ended_at = MAX(?7, started_at), claim_lock = NULL, claim_expires = NULL, \
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

    pub(super) fn synthesize_run(
        &mut self,
        task: &TaskId,
        profile: Option<&Assignee>,
        step_key: Option<&str>,
        end: &RunEnd,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO task_runs (task_id, profile, step_key, status, outcome, summary, \
                   metadata, error, started_at, ended_at) \
                   VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?8)";
        self.exactly_one(
            sql,
            params![
                task.as_str(),
                profile.map(Assignee::as_str),
                step_key,
                end.outcome.word(),
                end.summary,
                end.metadata.as_ref().map(|m| &m.0),
                end.error,
                self.at.0,
            ],
        )?;
        self.opened = Some(RunId(self.db.db().last_insert_rowid()));
        Ok(())
    }

    pub(super) fn edit_run(
        &self,
        run: RunId,
        summary: Option<String>,
        metadata: Option<JsonText>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE task_runs SET summary = ?2, metadata = COALESCE(?3, metadata) \
                   WHERE id = ?1";
        self.exactly_one(sql, (run.0, summary, metadata.map(|m| m.0)))
    }

    pub(super) fn set_worker_pid(
        &self,
        task: &TaskId,
        run: RunId,
        pid: i64,
    ) -> Result<(), StoreError> {
        self.exactly_one("UPDATE tasks SET worker_pid = ?2 WHERE id = ?1", (task.as_str(), pid))?;
        self.exactly_one("UPDATE task_runs SET worker_pid = ?2 WHERE id = ?1", (run.0, pid))
    }

    pub(super) fn register_keeper(
        &self,
        run: RunId,
        runner: &Process,
        worker: &Process,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE andon_runs SET runner = ?2, worker = ?3 WHERE run_id = ?1";
        self.exactly_one(sql, (run.0, runner.to_string(), worker.to_string()))
    }

    pub(super) fn request_stop(&self, run: RunId, stop: &Stop) -> Result<(), StoreError> {
        let sql = "UPDATE andon_runs SET stop_to = ?2, stop_reason = ?3, stop_by = ?4, \
                   stop_at = ?5 WHERE run_id = ?1";
        self.exactly_one(sql, (run.0, stop.to.word(), &stop.reason, &stop.by, stop.at.0))
    }

    pub(super) fn tree_gone(
        &self,
        run: RunId,
        exit: &Exit,
        usage: Usage,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE andon_runs SET gone_at = ?2, exit = ?3, cpu_ms = ?4, max_rss_kb = ?5 \
                   WHERE run_id = ?1";
        let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let (cpu, rss) = (clamp(usage.cpu_ms), clamp(usage.max_rss_kb));
        self.exactly_one(sql, (run.0, self.at.0, exit.to_string(), cpu, rss))
    }
}
