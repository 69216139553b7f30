//! What must not be timed and must not take long: filling a board, and looking at it afterwards.
//!
//! It works on the tables that Andon and its peer have in common, while nobody else has the board
//! open, so it serves both.

use crate::{Answer, Failure};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Odd, so that multiplying by it gives every 32-bit number once: ids in no order, none twice.
const SCATTER: u32 = 0x9E37_79B1;

/// Adds a chain of waiting tasks. The first one is blocked, so none of them may ever start and a
/// pass over the board finds nothing to do.
pub(crate) fn fill(board: &Path, tasks: u32) -> Answer {
    let db = open(board)?;
    db.pragma_update(None, "synchronous", "OFF")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let created_at = i64::try_from(now)?;
    let all = db.unchecked_transaction()?;
    insert(&all, &id(0), "blocked", created_at)?;
    for number in 1..=tasks {
        insert(&all, &id(number), "todo", created_at)?;
        let sql = "INSERT INTO task_links (parent_id, child_id) VALUES (?1, ?2)";
        all.prepare_cached(sql)?.execute((id(number - 1), id(number)))?;
    }
    all.commit()?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(Some(json!({ "done": true })))
}

fn insert(db: &Connection, id: &str, status: &str, created_at: i64) -> Result<(), Failure> {
    let task = "INSERT INTO tasks (id, title, status, priority, created_at) \
                VALUES (?1, 'a task that waits', ?2, 0, ?3)";
    db.prepare_cached(task)?.execute((id, status, created_at))?;
    let event = "INSERT INTO task_events (task_id, kind, created_at) VALUES (?1, ?2, ?3)";
    let kind = if status == "blocked" { "blocked" } else { "created" };
    db.prepare_cached(event)?.execute((id, kind, created_at))?;
    Ok(())
}

fn id(number: u32) -> String {
    format!("t_{:08x}", number.wrapping_mul(SCATTER))
}

/// Counts the tasks and has SQLite check the file.
pub(crate) fn audit(board: &Path) -> Answer {
    let db = open(board)?;
    let rows: i64 = db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0))?;
    let integrity: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(Some(json!({ "rows": rows, "integrity": integrity })))
}

fn open(board: &Path) -> Result<Connection, Failure> {
    Ok(Connection::open_with_flags(board, OpenFlags::SQLITE_OPEN_READ_WRITE)?)
}
