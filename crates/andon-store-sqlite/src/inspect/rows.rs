//! Rows that belong to nothing, and rows that cannot be read.

use super::Inspection;
use crate::{load, row};
use andon_core::invariant::BoardSnapshot;
use andon_store::StoreError;
use rusqlite::{Connection, Row};

/// Rows that are named; the others are only counted.
const NAMED_MAX: usize = 5;

/// Most rows that are read at once: more would not fit into the memory of a small machine.
const ROWS_MAX: i64 = 4_000_000;

/// Who made a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The peer: its rows are the user's.
    Peer,
    /// Andon: rows beside those of the peer, of no use without them.
    Andon,
}

/// Rows of one table whose task, or whose run, does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// The table.
    pub table: &'static str,
    /// Whose it is.
    pub owner: Owner,
    /// How many rows.
    pub rows: u64,
    /// How many of them may be needed yet: runs whose processes are not confirmed gone.
    pub kept: u64,
}

/// Rows of one table that do not hold what they should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The table.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
    /// What is wrong with the first ones.
    pub named: Vec<String>,
}

/// Everything on a board that rules are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// What could be read.
    pub snapshot: BoardSnapshot,
    /// What could not; tables without such rows are left out.
    pub unreadable: Vec<Unreadable>,
}

/// A table, whose it is, and the condition under which a row `x` of it is an orphan.
const ORPHANS: [(&str, Owner, &str); 8] = [
    ("task_links", Owner::Peer, LINK_WITHOUT_END),
    ("task_comments", Owner::Peer, WITHOUT_TASK),
    ("task_events", Owner::Peer, WITHOUT_TASK),
    ("task_runs", Owner::Peer, WITHOUT_TASK),
    ("task_attachments", Owner::Peer, WITHOUT_TASK),
    ("kanban_notify_subs", Owner::Peer, WITHOUT_TASK),
    ("andon_tasks", Owner::Andon, WITHOUT_TASK),
    ("andon_runs", Owner::Andon, WITHOUT_RUN),
];

/// Rows about a task that does not exist.
pub(crate) const WITHOUT_TASK: &str = "NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = x.task_id)";
/// Rows about a run that does not exist.
pub(crate) const WITHOUT_RUN: &str = "NOT EXISTS (SELECT 1 FROM task_runs r WHERE r.id = x.run_id)";
const LINK_WITHOUT_END: &str = "NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = x.parent_id) \
    OR NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = x.child_id)";
/// Runs of ours whose processes may live.
pub(crate) const MAY_LIVE: &str = "x.runner IS NOT NULL AND x.gone_at IS NULL";

impl Inspection {
    /// Counts orphans, table by table; tables without any are left out.
    pub fn orphans(&mut self) -> Result<Vec<Orphans>, StoreError> {
        self.look(|db| {
            let count = |table: &str, condition: &str| {
                let sql = format!("SELECT count(*) FROM {table} x WHERE {condition}");
                let rows = db.query_row(&sql, [], |row| row.get::<_, i64>(0))?;
                Ok::<_, rusqlite::Error>(u64::try_from(rows).unwrap_or(0))
            };
            let mut orphans = Vec::new();
            for (table, owner, condition) in ORPHANS {
                let rows = count(table, condition)?;
                let kept = match table {
                    "andon_runs" => count(table, &format!("{condition} AND {MAY_LIVE}"))?,
                    _ => 0,
                };
                orphans.push(Orphans { table, owner, rows, kept });
            }
            orphans.retain(|found| found.rows > 0);
            Ok(orphans)
        })
    }

    /// Reads all tasks, runs, links and events, in one state of the board. Rows that cannot be read
    /// are left out and named: one bad row does not hide the board (D31). Nothing for a board with
    /// more rows than fit into memory.
    pub fn contents(&mut self) -> Result<Option<Contents>, StoreError> {
        let tasks = format!("SELECT {} FROM {}", row::TASK_COLUMNS, row::TASK_FROM);
        let runs = format!("SELECT {} FROM {}", row::RUN_COLUMNS, row::RUN_FROM);
        let events = format!("SELECT {} FROM task_events ORDER BY id", row::EVENT_COLUMNS);
        let links = "SELECT parent_id, child_id FROM task_links";
        self.look(|db| {
            let snapshot = db.unchecked_transaction()?;
            if rows(&snapshot)? > ROWS_MAX {
                return Ok(None);
            }
            let mut unreadable = Vec::new();
            let mut reader = Reader { db: &snapshot, unreadable: &mut unreadable };
            let read = BoardSnapshot {
                tasks: reader.all("tasks", &tasks, row::task)?,
                runs: reader.all("task_runs", &runs, row::run)?,
                links: reader.all("task_links", links, |row| {
                    Ok((load::id_at(row, 0)?, load::id_at(row, 1)?))
                })?,
                events: reader.all("task_events", &events, row::event)?,
            };
            Ok(Some(Contents { snapshot: read, unreadable }))
        })
    }
}

fn rows(db: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM task_runs) \
               + (SELECT count(*) FROM task_links) + (SELECT count(*) FROM task_events)";
    db.query_row(sql, [], |row| row.get(0))
}

struct Reader<'a> {
    db: &'a Connection,
    unreadable: &'a mut Vec<Unreadable>,
}

impl Reader<'_> {
    fn all<T>(
        &mut self,
        table: &'static str,
        sql: &str,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> rusqlite::Result<Vec<T>> {
        let (mut found, mut count, mut named) = (Vec::new(), 0, Vec::new());
        let mut statement = self.db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match read(row) {
                Ok(value) => found.push(value),
                // The row was fetched already: what is wrong now is in its columns.
                Err(error) => {
                    count += 1;
                    if named.len() < NAMED_MAX {
                        named.push(error.to_string());
                    }
                }
            }
        }
        if count > 0 {
            self.unreadable.push(Unreadable { table, rows: count, named });
        }
        Ok(found)
    }
}
