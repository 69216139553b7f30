//! What SQLite itself can do here: a task's row and an event's row for each step, nothing checked,
//! nothing decided. It is the ceiling for every queue that commits each step, not a queue.

use crate::answer::{self, Errors};
use crate::{Answer, Failure};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Enough for the first commits' costs (page cache, statements) to be over.
const WARM_UP: usize = 20;

const TABLES: &str = "
    CREATE TABLE task (id INTEGER PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL);
    CREATE TABLE event (id INTEGER PRIMARY KEY, task INTEGER NOT NULL, kind TEXT NOT NULL);";

/// The two steps of a cycle: the status that they leave, and their event.
const STEPS: [&str; 2] = ["running", "done"];

/// The SQLite that is compiled in.
pub(crate) fn versions() -> Value {
    json!({ "sqlite": rusqlite::version() })
}

/// Claims and completes tasks, so many steps of different tasks in one commit.
pub(crate) fn run(file: &Path, tasks: usize, per_commit: usize) -> Answer {
    let db = Connection::open(file)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch(TABLES)?;
    let last = i64::try_from(WARM_UP + tasks)?;
    insert_tasks(&db, last)?;
    let first = i64::try_from(WARM_UP)?;
    cycle(&db, 0..first, per_commit)?;
    let took = cycle(&db, first..last, per_commit)?;
    Ok(Some(answer::rate(tasks, took, &Errors::default(), &sync_mode(&db)?)))
}

fn insert_tasks(db: &Connection, count: i64) -> Result<(), Failure> {
    let all = db.unchecked_transaction()?;
    for id in 0..count {
        let sql = "INSERT INTO task (id, title, status) VALUES (?1, 'task', 'ready')";
        all.prepare_cached(sql)?.execute([id])?;
    }
    Ok(all.commit()?)
}

fn cycle(
    db: &Connection,
    ids: std::ops::Range<i64>,
    per_commit: usize,
) -> Result<Duration, Failure> {
    let ids: Vec<i64> = ids.collect();
    let started = Instant::now();
    for group in ids.chunks(per_commit.max(1)) {
        for status in STEPS {
            db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            for id in group {
                step(db, *id, status)?;
            }
            db.prepare_cached("COMMIT")?.execute([])?;
        }
    }
    Ok(started.elapsed())
}

fn step(db: &Connection, id: i64, status: &str) -> Result<(), Failure> {
    db.prepare_cached("UPDATE task SET status = ?2 WHERE id = ?1")?.execute((id, status))?;
    db.prepare_cached("INSERT INTO event (task, kind) VALUES (?1, ?2)")?.execute((id, status))?;
    Ok(())
}

/// The journal and sync mode that this connection gives back.
fn sync_mode(db: &Connection) -> Result<String, Failure> {
    let journal: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let level: i64 = db.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let name = match level {
        0 => "OFF",
        1 => "NORMAL",
        2 => "FULL",
        _ => "EXTRA",
    };
    Ok(format!("{} {name}", journal.to_uppercase()))
}
