//! Reads what is left of a board, for the checker. Everybody else has ended.

use crate::snapshot;
use crate::torture::Failure;
use crate::torture::history::Remains;
use andon_core::policy::Policy;
use andon_store::{Environment, SystemClock};
use andon_store_sqlite::{Options, SqliteStore};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Opens a board to look at it.
pub(super) fn open(board: &Path) -> Result<SqliteStore, Failure> {
    let env = Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(|| 7),
        policy: Arc::new(Policy::default()),
    };
    Ok(SqliteStore::open(board, Options::default(), env)?)
}

/// Texts in which operations leave their ids.
const TEXTS: &[&str] = &[
    "SELECT title FROM tasks",
    "SELECT body FROM tasks WHERE body IS NOT NULL",
    "SELECT body FROM task_comments",
    "SELECT payload FROM task_events WHERE payload IS NOT NULL",
    "SELECT summary FROM task_runs WHERE summary IS NOT NULL",
];

/// Reads everything.
pub(super) fn read(board: &Path) -> Result<Remains, Failure> {
    let mut remains = Remains { board: snapshot::board(&open(board)?)?, ..Remains::default() };
    let db = Connection::open_with_flags(board, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    remains.recorded = recorded(&db)?;
    remains.written = written(&db)?;
    let mut counts = db.prepare("SELECT task_id, count(*) FROM task_comments GROUP BY task_id")?;
    let rows = counts.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    remains.comments = rows
        .map(|row| row.map(|(task, count)| (task, usize::try_from(count).unwrap_or(0))))
        .collect::<Result<HashMap<_, _>, _>>()?;
    Ok(remains)
}

fn recorded(db: &Connection) -> Result<HashSet<String>, Failure> {
    let mut statement = db.prepare("SELECT lower(hex(op)) FROM andon_ops")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Ids of operations in the texts of a board of either program.
pub(super) fn written(db: &Connection) -> Result<HashSet<String>, Failure> {
    let mut written = HashSet::new();
    for sql in TEXTS {
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            // A text column may hold anything.
            if let Ok(text) = row.get_ref(0)?.as_str() {
                written.extend(marks(text).map(str::to_owned));
            }
        }
    }
    Ok(written)
}

/// Digits of an id.
const ID_LEN: usize = 32;

/// The ids behind each `op-`.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("op-").filter_map(move |(at, prefix)| {
        let id = text.get(at + prefix.len()..at + prefix.len() + ID_LEN)?;
        id.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(id)
    })
}
