//! What every command of a schedule came to, and whether the board agrees.

use super::sea::Sea;
use crate::torture::cache::is_taken_back;
use andon_core::command::Command;
use andon_core::id::{OpId, TaskId};
use andon_store::StoreError;
use rusqlite::{Connection, ErrorCode};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// Acknowledged, with the event that it wrote.
    Done { event: Option<i64> },
    /// Certain not to have happened.
    Refused,
    /// Nobody knows.
    Unknown,
}

impl Came {
    /// It as a number, for the sum of a schedule.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Done { event } => 3 + event.map_or(0, |event| event as u64),
            Self::Refused => 1,
            Self::Unknown => 2,
        }
    }
}

/// A command of a process.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    op: OpId,
    /// Shown with what is wrong.
    #[expect(dead_code, reason = "read by a person who looks at a failure")]
    verb: &'static str,
    pub(super) task: Option<TaskId>,
    /// Whether it opened a run.
    pub(super) claims: bool,
    is_recorded: bool,
    /// Steps at which the store was opened, and the command began and ended.
    opened: u64,
    begun: u64,
    pub(super) ended: u64,
    pub(super) came: Came,
}

impl Entry {
    pub(super) fn new(op: OpId, command: &Command, opened: u64, begun: u64) -> Self {
        let task = match command {
            Command::Claim(claim) => Some(claim.task.clone()),
            Command::Complete(complete) => Some(complete.task.clone()),
            Command::Reclaim(reclaim) => Some(reclaim.task.clone()),
            _ => None,
        };
        let (verb, is_recorded) = (command.verb(), command.is_recorded());
        let came = Came::Unknown;
        Self { op, verb, task, claims: false, is_recorded, opened, begun, ended: begun, came }
    }

    fn event(&self) -> Option<i64> {
        match self.came {
            Came::Done { event } => event,
            Came::Refused | Came::Unknown => None,
        }
    }
}

/// The history of a schedule.
#[derive(Debug, Default)]
pub(super) struct History {
    entries: Mutex<Vec<Entry>>,
    tasks: Mutex<Vec<TaskId>>,
    complaints: Mutex<Vec<String>>,
    errors: Mutex<BTreeMap<&'static str, u64>>,
    ops: AtomicU64,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl History {
    pub(super) fn new(tasks: Vec<TaskId>) -> Self {
        Self { tasks: Mutex::new(tasks), ..Self::default() }
    }

    pub(super) fn next_op(&self) -> u64 {
        self.ops.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn with_tasks<T>(&self, use_them: impl FnOnce(&mut Vec<TaskId>) -> T) -> T {
        use_them(&mut lock(&self.tasks))
    }

    pub(super) fn put(&self, entry: Entry) {
        lock(&self.entries).push(entry);
    }

    pub(super) fn complain(&self, what: String) {
        lock(&self.complaints).push(what);
    }

    /// The newest event that was acknowledged.
    pub(super) fn newest_event(&self) -> Option<i64> {
        lock(&self.entries).iter().filter_map(Entry::event).max()
    }

    /// Whether a commit began and was acknowledged within this time.
    pub(super) fn committed_between(&self, from: u64, to: u64) -> bool {
        let within = |entry: &&Entry| entry.begun >= from && entry.ended <= to;
        lock(&self.entries).iter().filter(within).any(|entry| entry.event().is_some())
    }

    /// Whether an error may be.
    pub(super) fn judge(&self, sea: &Sea, doing: &str, error: &StoreError) {
        *lock(&self.errors).entry(error.code()).or_default() += 1;
        let is_struck = sea.strike().is_some();
        let may_be = match error {
            StoreError::Rejected(_) | StoreError::Busy { .. } => true,
            error if is_taken_back(error) => true,
            StoreError::Replaced { .. }
            | StoreError::Missing { .. }
            | StoreError::Refused { .. }
            | StoreError::Unavailable { .. } => is_struck,
            // Without its read lock a reader sees pages of two states.
            StoreError::Corrupt(_) => is_struck || sea.is_lossy(),
            StoreError::Unknown { .. } => is_struck || sea.is_lossy(),
            StoreError::Internal(_) => false,
        };
        if !may_be {
            self.complain(format!("cannot {doing}: {} ({error})", error.code()));
        }
    }

    /// The same, of a program that is not ours.
    pub(super) fn judge_stranger(&self, sea: &Sea, error: &rusqlite::Error) {
        let is_busy = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::FileLockingProtocolFailed)
        );
        // Where there is no board yet.
        let is_early = matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen));
        let is_early = is_early && !sea.plan.begins_with_board;
        if !is_busy && !is_early && sea.strike().is_none() && !sea.is_lossy() {
            self.complain(format!("a program beside us: {error}"));
        }
    }

    /// Commands that were acknowledged, and errors by their codes.
    pub(super) fn counts(&self) -> (u64, BTreeMap<&'static str, u64>) {
        let is_done = |entry: &&Entry| matches!(entry.came, Came::Done { .. });
        let done = lock(&self.entries).iter().filter(is_done).count() as u64;
        (done, lock(&self.errors).clone())
    }

    /// The first thing that is wrong, if anything is. `board` is absent where the files are gone.
    pub(super) fn verdict(&self, sea: &Sea, board: Option<&Connection>) -> Result<(), String> {
        if let Some(complaint) = lock(&self.complaints).first() {
            return Err(complaint.clone());
        }
        let entries = lock(&self.entries);
        let strike = sea.strike();
        if let Some(strike) = strike {
            let is_silent = |entry: &&Entry| {
                entry.event().is_some() && entry.opened < strike.at && entry.begun > strike.at
            };
            if let Some(entry) = entries.iter().find(is_silent) {
                let what = strike.target;
                return Err(format!("{what:?} at step {}, and {entry:?} is silent", strike.at));
            }
        }
        let Some(board) = board else { return Ok(()) };
        // What was under way when a file was taken away is nobody's to promise.
        let promised = |entry: &&Entry| strike.is_none_or(|strike| entry.ended < strike.at);
        let promised: Vec<&Entry> = entries.iter().filter(promised).collect();
        let kept = recorded(board).map_err(|error| format!("the operations: {error}"))?;
        compare(&promised, &kept)?;
        if strike.is_none() {
            in_order(&promised)?;
            claims_are_exclusive(&promised, &kept)?;
        }
        Ok(())
    }
}

/// Operations on the board, with their events.
fn recorded(board: &Connection) -> rusqlite::Result<HashMap<OpId, Option<i64>>> {
    let mut statement = board.prepare("SELECT op, event_id FROM andon_ops")?;
    let rows = statement.query_map([], |row| Ok((OpId(row.get(0)?), row.get(1)?)))?;
    rows.collect()
}

/// Acknowledged means kept, once and as it was answered; refused means absent.
fn compare(entries: &[&Entry], kept: &HashMap<OpId, Option<i64>>) -> Result<(), String> {
    let mut events = HashSet::new();
    for entry in entries.iter().filter(|entry| entry.is_recorded) {
        match (entry.came, kept.get(&entry.op)) {
            (Came::Done { event: Some(event) }, Some(Some(found))) if event == *found => {
                if !events.insert(event) {
                    return Err(format!("event {event} was given twice: {entry:?}"));
                }
            }
            (Came::Done { event: Some(_) }, found) => {
                return Err(format!("acknowledged and lost: {entry:?}, on the board {found:?}"));
            }
            (Came::Refused, Some(_)) => return Err(format!("refused and done: {entry:?}")),
            (Came::Done { event: None } | Came::Refused | Came::Unknown, _) => {}
        }
    }
    Ok(())
}

/// Whoever began after another was acknowledged comes later in the board's history.
fn in_order(entries: &[&Entry]) -> Result<(), String> {
    let mut acknowledged: Vec<&&Entry> = entries.iter().filter(|e| e.event().is_some()).collect();
    acknowledged.sort_by_key(|entry| entry.event());
    let mut latest_begin: Option<&Entry> = None;
    for entry in acknowledged {
        if let Some(before) = latest_begin.filter(|before| before.begun > entry.ended) {
            return Err(format!("out of order: {before:?} before {entry:?}"));
        }
        if latest_begin.is_none_or(|before| entry.begun > before.begun) {
            latest_begin = Some(entry);
        }
    }
    Ok(())
}

/// Between two claims of a task somebody gave it back.
fn claims_are_exclusive(
    entries: &[&Entry],
    kept: &HashMap<OpId, Option<i64>>,
) -> Result<(), String> {
    let mut by_task: BTreeMap<&TaskId, Vec<(i64, &Entry)>> = BTreeMap::new();
    for entry in entries {
        let event = kept.get(&entry.op).copied().flatten();
        if let (Some(task), Some(event)) = (&entry.task, event) {
            by_task.entry(task).or_default().push((event, entry));
        }
    }
    for (task, mut steps) in by_task {
        steps.sort_by_key(|(event, _)| *event);
        for pair in steps.windows(2) {
            if pair[0].1.claims && pair[1].1.claims {
                return Err(format!("{task} was claimed twice: {pair:?}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
