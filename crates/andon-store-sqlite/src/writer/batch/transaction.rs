//! The transaction of a batch: how it begins and ends, and what a failure of it means.

use super::Done;
use super::one::is_recorded;
use crate::fault;
use crate::lock;
use crate::statement::Statements;
use crate::write;
use crate::writer::Desk;
use andon_store::{Request, StoreError};
use rusqlite::{Connection, ErrorCode};
use std::borrow::Borrow;
use std::time::Instant;

/// Why a whole batch was not carried out: nothing of it is on the board.
pub(super) struct Failure {
    pub(super) error: StoreError,
    pub(super) cause: Cause,
}

/// What can be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The disk failed; the same batch may be tried again.
    Disk,
    /// One command had written when it turned out that it cannot be carried out.
    OneCommand,
    /// One command had written when its operation id turned out to be on the board already.
    Repeated,
    /// Nothing.
    Other,
}

impl Failure {
    /// An operation is on the board already.
    pub(super) fn repeated() -> Self {
        let error = StoreError::Internal("an operation came twice".to_owned());
        Self { error, cause: Cause::Repeated }
    }

    fn of(error: rusqlite::Error) -> Self {
        let cause = match error.sqlite_error_code() {
            Some(ErrorCode::SystemIoFailure) => Cause::Disk,
            Some(_) | None => Cause::Other,
        };
        Self { error: classified(error), cause }
    }
}

pub(super) fn classified(error: rusqlite::Error) -> StoreError {
    fault::of(write::DOING, error)
}

/// A named place at which tests interfere with the writer.
pub(super) fn point(name: &'static str) -> Result<(), Failure> {
    andon_faults::reach(name).map_err(|error| {
        let error =
            StoreError::Unavailable { doing: write::DOING, why: error.to_string(), hint: None };
        Failure { error, cause: Cause::Other }
    })
}

/// Takes SQLite's own write lock. In the way can only be a program that does not queue with us.
pub(super) fn begin(desk: &Desk) -> Result<(), Failure> {
    if !desk.db.is_autocommit() && !andon_faults::planted("writer.stuck") {
        // Ending the last transaction failed, too, for want of memory. It was answered as failed.
        sql(&desk.db, "ROLLBACK").map_err(Failure::of)?;
    }
    let since = Instant::now();
    sql(&desk.db, "BEGIN IMMEDIATE").map_err(|error| match Failure::of(error) {
        Failure { error: StoreError::Busy { doing, .. }, cause } => {
            let waited_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            let holder = lock::writing_process(desk.identity.path());
            Failure { error: StoreError::Busy { doing, waited_ms, holder }, cause }
        }
        failure => failure,
    })
}

/// Takes one command back and keeps the others. If that fails, SQLite has rolled back or will
/// refuse the commit; either way the first error is the one that counts.
pub(super) fn undo_one(db: &Connection) {
    let _secondary = sql(db, "ROLLBACK TO command").and_then(|()| sql(db, "RELEASE command"));
}

/// Ends a transaction without its writes. If that fails, SQLite has done it already, or refuses the
/// next transaction; the error that led here is the one that counts.
pub(super) fn roll_back(db: &Connection) {
    if !db.is_autocommit() {
        let _secondary = sql(db, "ROLLBACK");
    }
}

/// Commits. After an error the truth is looked up: the ids of the batch's operations are on the
/// board exactly if the commit took effect.
pub(super) fn commit<R: Borrow<Request>>(
    db: &Connection,
    batch: &[R],
    answers: &[Result<Done, StoreError>],
) -> Result<(), Failure> {
    let Err(first) = sql(db, "COMMIT") else { return Ok(()) };
    roll_back(db);
    if andon_faults::planted("writer.commit-ignored") {
        return Ok(());
    }
    let failure = Failure::of(first);
    let recorded = |answer: &Result<Done, StoreError>| answer.as_ref().is_ok_and(|d| d.recorded);
    let probe = batch.iter().zip(answers).find(|(_, answer)| recorded(answer));
    let asked = probe.map(|(request, _)| request).or(batch.first());
    let Some(request) = asked else { return Err(failure) };
    let verb = request.borrow().command.verb();
    let cause = failure.cause;
    let unknown = |why: String| Failure { error: StoreError::Unknown { verb, why }, cause };
    match probe.map(|(request, _)| is_recorded(&Statements::of(db), request.borrow().op)) {
        Some(Ok(true)) => Ok(()),
        // A sync that failed may have left the commit in the log, where a power cut would bring it
        // back. Another try overwrites it; without one nobody can say what a restart will find.
        Some(Ok(false)) | None
            if cause == Cause::Disk && !andon_faults::planted("writer.unknown-as-failed") =>
        {
            Err(unknown(failure.error.to_string()))
        }
        Some(Ok(false)) | None => Err(failure),
        Some(Err(_)) => Err(unknown(failure.error.to_string())),
    }
}

pub(super) fn sql(db: &Connection, statement: &str) -> rusqlite::Result<()> {
    db.prepare_cached(statement)?.execute([]).map(drop)
}
