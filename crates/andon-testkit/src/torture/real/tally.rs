//! The ledger of either program: what was acknowledged and is not there, what is there by half,
//! what is broken. It asks the file alone, so that both are judged by the same questions.

use super::remains;
use crate::torture::Failure;
use crate::torture::history::{History, Outcome, Trace};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Findings of SQLite's check that are counted; a damaged file has either a few or endlessly many.
const ERRORS_MAX: usize = 1_000;

/// Things that one commit writes together, each asked for by what is there of it without the rest.
const HALVES: &[&str] = &[
    "SELECT count(*) FROM tasks t WHERE NOT EXISTS \
     (SELECT 1 FROM task_events e WHERE e.task_id = t.id AND e.kind = 'created')",
    "SELECT count(*) FROM (SELECT DISTINCT task_id FROM task_events WHERE kind = 'completed') e \
     WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = e.task_id)",
    "SELECT count(*) FROM task_runs r WHERE r.ended_at IS NULL AND NOT EXISTS \
     (SELECT 1 FROM tasks t WHERE t.id = r.task_id AND t.current_run_id = r.id)",
    "SELECT count(*) FROM tasks t WHERE t.status = 'running' AND NOT EXISTS \
     (SELECT 1 FROM task_runs r WHERE r.id = t.current_run_id AND r.ended_at IS NULL)",
    "SELECT count(*) FROM task_comments c WHERE NOT EXISTS \
     (SELECT 1 FROM task_events e WHERE e.task_id = c.task_id AND e.kind = 'commented')",
];

/// Figures of one or more runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the columns of the table")]
pub struct Tally {
    pub boards: u64,
    pub damaged_boards: u64,
    pub acknowledged: u64,
    pub lost: u64,
    pub half_done: u64,
    pub integrity_errors: u64,
    pub failed: u64,
    pub failed_and_there: u64,
    pub unknown: u64,
    pub kills: u64,
    pub deleted_sidecars: u64,
    pub reasons: BTreeMap<String, u64>,
}

/// Counts one board. A board that cannot be read has lost all that cannot be read.
pub(super) fn count(board: &Path, history: &History) -> Result<Tally, Failure> {
    let mut tally = Tally { boards: 1, ..Tally::default() };
    let db = Connection::open_with_flags(board, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let found = integrity(&db);
    tally.integrity_errors = u64::try_from(found.len())?;
    tally.damaged_boards = u64::from(!found.is_empty());
    let written = remains::written(&db).unwrap_or_default();
    let runs = runs(&db).unwrap_or_default();
    for sql in HALVES {
        let half: i64 = db.query_row(sql, [], |row| row.get(0)).unwrap_or(0);
        tally.half_done += u64::try_from(half)?;
    }
    for operation in &history.operations {
        match &operation.outcome {
            Outcome::Done(answer) => {
                tally.acknowledged += 1;
                let text_is_there = answer.trace != Trace::Text || written.contains(&operation.id);
                let run_is_there = answer.run.is_none_or(|run| runs.contains(&run));
                tally.lost += u64::from(!(text_is_there && run_is_there));
            }
            Outcome::Failed(why) => {
                tally.failed += 1;
                tally.failed_and_there += u64::from(written.contains(&operation.id));
                *tally.reasons.entry(why.clone()).or_default() += 1;
            }
            Outcome::Unknown(_) => tally.unknown += 1,
        }
    }
    Ok(tally)
}

/// What SQLite finds wrong; an error of the check itself is one of the findings.
fn integrity(db: &Connection) -> Vec<String> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let mut statement = db.prepare(&format!("PRAGMA integrity_check({ERRORS_MAX})"))?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect()
    };
    match read() {
        Ok(found) if found == ["ok"] => Vec::new(),
        Ok(found) => found,
        Err(error) => vec![error.to_string()],
    }
}

fn runs(db: &Connection) -> rusqlite::Result<HashSet<i64>> {
    let mut statement = db.prepare("SELECT id FROM task_runs")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

impl Tally {
    /// Adds the figures of another run.
    pub fn add(&mut self, other: &Self) {
        let Self {
            boards,
            damaged_boards,
            acknowledged,
            lost,
            half_done,
            integrity_errors,
            failed,
            failed_and_there,
            unknown,
            kills,
            deleted_sidecars,
            reasons,
        } = other;
        self.boards += boards;
        self.damaged_boards += damaged_boards;
        self.acknowledged += acknowledged;
        self.lost += lost;
        self.half_done += half_done;
        self.integrity_errors += integrity_errors;
        self.failed += failed;
        self.failed_and_there += failed_and_there;
        self.unknown += unknown;
        self.kills += kills;
        self.deleted_sidecars += deleted_sidecars;
        for (why, count) in reasons {
            *self.reasons.entry(why.clone()).or_default() += count;
        }
    }
}
