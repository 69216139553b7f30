//! What every command adds to the ends of the board's tables: its events and its operation.
//!
//! Rows of a batch are collected and put down many in one statement: a statement for each would
//! open the table and its indexes again and again, with other work in between that makes the
//! processor forget them (docs/design/0002).

use super::DOING;
use crate::fault;
use crate::statement::{Prepared, Statements};
use andon_core::id::{EventId, OpId, TaskId};
use andon_core::time::Timestamp;
use andon_store::StoreError;
use rusqlite::ErrorCode;
use std::sync::LazyLock;

/// Rows in one statement, the most first. Each number has a statement of its own.
const ROWS: [usize; 3] = [16, 4, 1];

/// Rows that wait. A command that makes thousands of children ready writes as many events, and what
/// waits is held twice.
const WAITING_MAX: usize = 256;

static EVENTS: LazyLock<[String; ROWS.len()]> = LazyLock::new(|| {
    inserts("INSERT INTO task_events (task_id, run_id, kind, payload, created_at)", EVENT_WIDTH)
});
static OPERATIONS: LazyLock<[String; ROWS.len()]> = LazyLock::new(|| {
    inserts("INSERT INTO andon_ops (op, at, verb, actor, task_id, event_id)", OPERATION_WIDTH)
});

const EVENT_WIDTH: usize = 5;
const OPERATION_WIDTH: usize = 6;

/// An event before it has its number.
pub(crate) struct EventRow {
    pub(crate) task: TaskId,
    pub(crate) run: Option<i64>,
    pub(crate) kind: &'static str,
    pub(crate) payload: Option<String>,
}

/// Who did what, and under which id it was carried out.
pub(crate) struct OperationRow {
    pub(crate) op: OpId,
    pub(crate) verb: &'static str,
    pub(crate) actor: String,
    pub(crate) task: Option<TaskId>,
    /// The last event that it wrote.
    pub(crate) event: Option<EventPlace>,
}

/// The place of an event among those of its transaction. It has a number once it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventPlace(usize);

/// Why rows could not be put down.
pub(crate) enum Unwritable {
    /// One of the operations is on the board already.
    Repeated,
    /// The store failed.
    Failed(StoreError),
}

/// The rows of one transaction.
pub(crate) struct Ledger {
    at: Timestamp,
    events: Vec<EventRow>,
    operations: Vec<OperationRow>,
    /// The numbers of the events that were put down.
    numbers: Vec<i64>,
}

impl Ledger {
    /// Nothing yet. Every row bears the time of its transaction.
    pub(crate) fn new(at: Timestamp) -> Self {
        Self { at, events: Vec::new(), operations: Vec::new(), numbers: Vec::new() }
    }

    /// Takes an event.
    pub(crate) fn event(
        &mut self,
        db: &Statements<'_>,
        row: EventRow,
    ) -> Result<EventPlace, StoreError> {
        if self.events.len() == WAITING_MAX {
            self.write_events(db)?;
        }
        self.events.push(row);
        Ok(EventPlace(self.numbers.len() + self.events.len() - 1))
    }

    /// Takes an operation. There are at most as many as commands in a batch.
    pub(crate) fn operation(&mut self, row: OperationRow) {
        self.operations.push(row);
    }

    /// The number of an event, where it was put down.
    pub(crate) fn number(&self, place: EventPlace) -> Option<EventId> {
        self.numbers.get(place.0).copied().map(EventId)
    }

    /// Drops what waits: its command was taken back.
    pub(crate) fn forget(&mut self) {
        self.events.clear();
        self.operations.clear();
    }

    /// Puts everything down that waits.
    pub(crate) fn write(&mut self, db: &Statements<'_>) -> Result<(), Unwritable> {
        self.write_events(db)?;
        let bind = |statement: &mut Prepared<'_, '_>, before, row: &OperationRow| {
            let number = row.event.and_then(|place| self.number(place)).map(|id| id.0);
            bind_operation(statement, before, row, self.at, number)
        };
        let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Unwritable::Repeated,
            Some(_) | None => Unwritable::Failed(fault::of(DOING, error)),
        };
        put(db, (&OPERATIONS, OPERATION_WIDTH), &self.operations, bind, failed)?;
        self.operations.clear();
        Ok(())
    }

    /// Puts the events down, for a reader who needs their numbers within the transaction.
    pub(crate) fn write_events(&mut self, db: &Statements<'_>) -> Result<(), StoreError> {
        let Ok(count @ 1..) = i64::try_from(self.events.len()) else { return Ok(()) };
        let bind = |statement: &mut Prepared<'_, '_>, before, row: &EventRow| {
            bind_event(statement, before, row, self.at)
        };
        let failed = |error| fault::of(DOING, error);
        put(db, (&EVENTS, EVENT_WIDTH), &self.events, bind, failed)?;
        // They count up from the last number that the table ever gave: nobody else writes now.
        let last = db.db().last_insert_rowid();
        self.numbers.extend(last - count + 1..=last);
        self.events.clear();
        Ok(())
    }
}

impl From<StoreError> for Unwritable {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Puts rows down in as few statements as there are for so many.
fn put<R, E: From<StoreError>>(
    db: &Statements<'_>,
    (inserts, width): (&'static [String; ROWS.len()], usize),
    mut rows: &[R],
    bind: impl Fn(&mut Prepared<'_, '_>, usize, &R) -> rusqlite::Result<()>,
    failed: impl Fn(rusqlite::Error) -> E,
) -> Result<(), E> {
    while let Some((which, count)) = most(rows.len()) {
        let (now, later) = rows.split_at(count);
        let mut statement = db.prepare(inserts[which].as_str(), DOING)?;
        now.iter()
            .enumerate()
            .try_for_each(|(nth, row)| bind(&mut statement, nth * width, row))
            .and_then(|()| statement.raw_execute())
            .map_err(&failed)?;
        rows = later;
    }
    Ok(())
}

fn bind_event(
    statement: &mut Prepared<'_, '_>,
    before: usize,
    row: &EventRow,
    at: Timestamp,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(before + 1, row.task.as_str())?;
    statement.raw_bind_parameter(before + 2, row.run)?;
    statement.raw_bind_parameter(before + 3, row.kind)?;
    statement.raw_bind_parameter(before + 4, row.payload.as_deref())?;
    statement.raw_bind_parameter(before + 5, at.0)
}

fn bind_operation(
    statement: &mut Prepared<'_, '_>,
    before: usize,
    row: &OperationRow,
    at: Timestamp,
    event: Option<i64>,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(before + 1, row.op.0)?;
    statement.raw_bind_parameter(before + 2, at.0)?;
    statement.raw_bind_parameter(before + 3, row.verb)?;
    statement.raw_bind_parameter(before + 4, row.actor.as_str())?;
    statement.raw_bind_parameter(before + 5, row.task.as_ref().map(TaskId::as_str))?;
    statement.raw_bind_parameter(before + 6, event)
}

/// The statement with the most rows that so many fill, and how many it takes.
fn most(rows: usize) -> Option<(usize, usize)> {
    ROWS.into_iter().enumerate().find(|(_, count)| *count <= rows)
}

/// The statement for each number of rows.
fn inserts(into: &str, width: usize) -> [String; ROWS.len()] {
    let row = format!("({})", vec!["?"; width].join(", "));
    ROWS.map(|count| format!("{into} VALUES {}", vec![row.as_str(); count].join(", ")))
}
