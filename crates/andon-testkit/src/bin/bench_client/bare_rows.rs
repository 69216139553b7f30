//! What SQLite itself can do on a board: the rows of a task, a run and an event that a claim and a
//! completion change, on the board's own tables and indexes, nothing checked, nothing decided. The
//! distance from the bare probe is the price of the format, the rest is Andon's.

use crate::answer::{self, Errors};
use crate::board::Client;
use crate::crowd::{self, Work};
use crate::{Answer, Failure};
use andon_core::id::TaskId;
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// Enough for the first commits' costs (page cache, statements) to be over.
const WARM_UP: usize = 20;
/// Log pages beyond which SQLite checkpoints, as Andon does.
const CHECKPOINT_PAGES: u32 = 1_000;

/// Creates the tasks as everybody does, which is not timed, then claims and completes all of them
/// by bare statements, so many steps of different tasks in one commit.
pub(crate) fn run(board: &Path, tasks: usize, per_commit: usize) -> Answer {
    let client = Client::open_or_create(board)?;
    let mut ready = crowd::create(&client, Work { tasks: WARM_UP + tasks, threads: 1 });
    ready.sort();
    let db = Connection::open(board)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    let (first, rest) = ready.split_at(WARM_UP);
    cycle(&db, first, per_commit)?;
    let took = cycle(&db, rest, per_commit)?;
    Ok(Some(answer::rate(tasks, took, &Errors::default(), client.sync_mode())))
}

fn cycle(db: &Connection, tasks: &[TaskId], per_commit: usize) -> Result<Duration, Failure> {
    let started = Instant::now();
    for group in tasks.chunks(per_commit.max(1)) {
        let mut runs = Vec::with_capacity(group.len());
        db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for task in group {
            runs.push(claim(db, task.as_str())?);
        }
        db.prepare_cached("COMMIT")?.execute([])?;
        db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for (task, run) in group.iter().zip(runs) {
            complete(db, task.as_str(), run)?;
        }
        db.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(started.elapsed())
}

fn claim(db: &Connection, task: &str) -> Result<i64, Failure> {
    let run = "INSERT INTO task_runs (task_id, status, claim_lock, claim_expires, started_at) \
               VALUES (?1, 'running', 'bench:1:1', 1900000000, 1800000000)";
    db.prepare_cached(run)?.execute([task])?;
    let run = db.last_insert_rowid();
    let row = "UPDATE tasks SET status = 'running', claim_lock = 'bench:1:1', \
               claim_expires = 1900000000, current_run_id = ?2, started_at = 1800000000 \
               WHERE id = ?1";
    db.prepare_cached(row)?.execute((task, run))?;
    event(db, task, run, "claimed")?;
    Ok(run)
}

fn complete(db: &Connection, task: &str, run: i64) -> Result<(), Failure> {
    let row = "UPDATE tasks SET status = 'done', claim_lock = NULL, claim_expires = NULL, \
               current_run_id = NULL, completed_at = 1800000000, result = 'done' WHERE id = ?1";
    db.prepare_cached(row)?.execute([task])?;
    let end = "UPDATE task_runs SET status = 'done', outcome = 'completed', summary = 'done', \
               ended_at = 1800000000, claim_lock = NULL, claim_expires = NULL WHERE id = ?1";
    db.prepare_cached(end)?.execute([run])?;
    event(db, task, run, "completed")
}

fn event(db: &Connection, task: &str, run: i64, kind: &str) -> Result<(), Failure> {
    let sql = "INSERT INTO task_events (task_id, run_id, kind, payload, created_at) \
               VALUES (?1, ?2, ?3, '{\"summary\":\"done\"}', 1800000000)";
    db.prepare_cached(sql)?.execute((task, run, kind))?;
    Ok(())
}
