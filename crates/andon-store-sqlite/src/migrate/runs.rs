//! Gives each running task its run: old boards knew only the task. No event is written for it.

use andon_core::time::Timestamp;
use rusqlite::Connection;

/// Creates a run for every running task without one, and points the task to it.
pub(super) fn backfill(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let newest: i64 =
        connection.query_row("SELECT COALESCE(MAX(id), 0) FROM task_runs", [], |row| row.get(0))?;
    connection.execute(
        "INSERT INTO task_runs (task_id, profile, status, claim_lock, claim_expires, worker_pid,
                                max_runtime_seconds, last_heartbeat_at, started_at)
         SELECT id, assignee, 'running', claim_lock, claim_expires, worker_pid,
                max_runtime_seconds, last_heartbeat_at, COALESCE(NULLIF(started_at, 0), ?1)
         FROM tasks WHERE status = 'running' AND current_run_id IS NULL AND id IS NOT NULL
         ORDER BY rowid",
        [now.0],
    )?;
    connection.execute(
        "UPDATE tasks SET current_run_id =
             (SELECT id FROM task_runs WHERE task_id = tasks.id AND task_runs.id > ?1)
         WHERE status = 'running' AND current_run_id IS NULL",
        [newest],
    )?;
    Ok(())
}
