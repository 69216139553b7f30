//! One commit: commands queued together, all acknowledged after the sync.

mod transaction;

use super::Desk;
use super::queue::BATCH_MAX;
use crate::load;
use crate::statement::Statements;
use crate::write::{self, Writing};
use andon_core::command::{Command, Context};
use andon_core::id::{OpId, TaskId};
use andon_core::time::Timestamp;
use andon_core::transition::{Outcome, Transition};
use andon_core::view::Needs;
use andon_store::{Applied, Environment, Request, StoreError};
use rusqlite::ErrorCode;
use std::borrow::Borrow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use transaction::{Cause, Failure, begin, classified, commit, point, roll_back, sql, undo_one};

/// Tries of one batch when the disk reports an error; the last error is answered. Disks behind a
/// network or a controller that resets come back within fractions of a second, or not at all.
const DISK_TRIES: u32 = 3;
/// Wait before the second try; doubles with each further one.
const DISK_WAIT: Duration = Duration::from_millis(20);

/// Carries out a batch in one transaction; the answers are in the order of the requests. Whoever
/// `late` still brings, asked for at most so many before the commit, joins the batch.
pub(super) fn carry_out<R: Borrow<Request>>(
    desk: &Desk,
    batch: &mut Vec<R>,
    late: &dyn Fn(usize) -> Vec<R>,
) -> Vec<Result<Applied, StoreError>> {
    let mut wait = DISK_WAIT;
    let mut tries = 1;
    let mut apart = Apart::No;
    let mut unknown = None;
    loop {
        // Ends because each cause to go on is there at most so many times. After a failure nobody
        // joins: the answer may say what became of the try that failed.
        let is_first = tries == 1 && matches!(apart, Apart::No);
        let failure = match attempt(desk, batch, if is_first { late } else { &nobody }, apart) {
            Ok(done) => return done.into_iter().map(|one| one.map(|d| d.applied)).collect(),
            Err(failure) => failure,
        };
        if unknown.is_none() && matches!(failure.error, StoreError::Unknown { .. }) {
            unknown = Some(failure.error.clone());
        }
        match (failure.cause, apart) {
            // A batch of one has nobody to be kept from, and its error is its answer.
            (Cause::OneCommand, Apart::No) if batch.len() > 1 => apart = Apart::Yes,
            (Cause::Repeated, Apart::No) => apart = Apart::Yes,
            (Cause::Disk, _) if tries < DISK_TRIES => {
                andon_faults::pause(wait);
                wait *= 2;
                tries += 1;
            }
            (Cause::Disk | Cause::OneCommand | Cause::Repeated | Cause::Other, _) => {
                // A try that failed before it wrote says nothing of what an earlier one left.
                let error = unknown.unwrap_or(failure.error);
                return batch.iter().map(|_| Err(error.clone())).collect();
            }
        }
    }
}

/// Brings nobody.
pub(super) fn nobody<R>(_room: usize) -> Vec<R> {
    Vec::new()
}

/// Whether each command of a batch gets a savepoint, so that its writes can be taken back alone.
///
/// A command is refused before it writes, so nearly no batch needs that, and SQLite copies every
/// page that a savepoint may have to bring back. A batch in which a write failed after all, or was
/// carried out before, is rolled back and carried out again with savepoints.
#[derive(Debug, Clone, Copy)]
enum Apart {
    No,
    Yes,
}

/// What one command of a batch did.
struct Done {
    applied: Applied,
    /// Whether its operation id stands in the transaction.
    recorded: bool,
}

/// One transaction. `Ok` means that it ended well; single commands may have been refused.
fn attempt<R: Borrow<Request>>(
    desk: &Desk,
    batch: &mut Vec<R>,
    late: &dyn Fn(usize) -> Vec<R>,
    apart: Apart,
) -> Result<Vec<Result<Done, StoreError>>, Failure> {
    point("writer.turn")?;
    begin(desk)?;
    let at = desk.env.clock.now();
    let statements = Statements::of(&desk.db);
    let mut answers = Vec::with_capacity(batch.len());
    // Ends because a batch is full at some time. Those whom the last commit has answered ask again
    // while this one is worked at; without them every other commit would be half as large, and its
    // sync costs as much.
    loop {
        while let Some(request) = batch.get(answers.len()) {
            answers.push(in_turn(desk, &statements, at, request.borrow(), apart)?);
        }
        let joining = late(BATCH_MAX.saturating_sub(batch.len()));
        if joining.is_empty() {
            break;
        }
        batch.extend(joining);
    }
    point("writer.written").inspect_err(|_| roll_back(&desk.db))?;
    commit(&desk.db, batch, &answers)?;
    // Nothing that can fail runs between the commit and the answer.
    andon_faults::pass("writer.committed");
    Ok(answers)
}

/// One command of a batch. `Err` means that nothing of the batch is on the board.
fn in_turn(
    desk: &Desk,
    statements: &Statements<'_>,
    at: Timestamp,
    request: &Request,
    apart: Apart,
) -> Result<Result<Done, StoreError>, Failure> {
    // A panic is a fault of ours; it must not take the other commands along.
    let one = AssertUnwindSafe(|| carry_out_one(statements, &desk.env, at, request, apart));
    let answer = catch_unwind(one).unwrap_or_else(|_| {
        let verb = request.command.verb();
        Err(Undone::Written(StoreError::Internal(format!("{verb} panicked"))))
    });
    let answer = match (answer, apart) {
        (Err(Undone::Written(error)), Apart::No) => {
            roll_back(&desk.db);
            return Err(Failure { error, cause: Cause::OneCommand });
        }
        (Err(Undone::Written(error)), Apart::Yes) => {
            undo_one(&desk.db);
            Err(error)
        }
        (Err(Undone::Repeated), Apart::No) => {
            roll_back(&desk.db);
            let error = StoreError::Internal("an operation came twice".to_owned());
            return Err(Failure { error, cause: Cause::Repeated });
        }
        (Err(Undone::Repeated), Apart::Yes) => {
            undo_one(&desk.db);
            Ok(Done::nothing(Outcome::Unchanged, at))
        }
        (Err(Undone::Unwritten(error)), _) => Err(error),
        (Ok(done), _) => Ok(done),
    };
    if desk.db.is_autocommit() {
        // SQLite has rolled everything back itself. The first cause is what everybody gets.
        let error = answer
            .err()
            .unwrap_or_else(|| StoreError::Internal("the transaction ended by itself".to_owned()));
        return Err(Failure { error, cause: Cause::Other });
    }
    Ok(answer)
}

impl Done {
    /// A command that changed nothing.
    fn nothing(outcome: Outcome, at: Timestamp) -> Self {
        let applied = Applied { outcome, run: None, event: None, at };
        Self { applied, recorded: false }
    }
}

/// Why one command was not carried out.
enum Undone {
    /// Refused, or unreadable; it has written nothing.
    Unwritten(StoreError),
    /// It failed half way.
    Written(StoreError),
    /// It was carried out before, under the same operation id, and has now written again.
    Repeated,
}

fn carry_out_one(
    db: &Statements<'_>,
    env: &Environment,
    at: Timestamp,
    request: &Request,
    apart: Apart,
) -> Result<Done, Undone> {
    let Request { op, actor, command } = request;
    let ctx = Context { actor, at, policy: &env.policy };
    let needs = command.needs();
    let Transition { writes, outcome } = match decide_on(db, env, command, &needs, ctx) {
        Ok(transition) => transition,
        // What was carried out already is often refused the second time: the sender asks only
        // because it never heard the first answer.
        Err(StoreError::Rejected(_)) if is_recorded(db, *op).map_err(Undone::Unwritten)? => {
            return Ok(Done::nothing(Outcome::Unchanged, at));
        }
        Err(error) => return Err(Undone::Unwritten(error)),
    };
    if writes.is_empty() {
        return Ok(Done::nothing(outcome, at));
    }
    if let Apart::Yes = apart {
        sql(db.db(), "SAVEPOINT command").map_err(|error| Undone::Unwritten(classified(error)))?;
    }
    let written = Writing::new(db, at).all(writes).map_err(Undone::Written)?;
    if andon_faults::planted("writer.two-commits") {
        let halves = ["COMMIT", "BEGIN IMMEDIATE"].iter().try_for_each(|half| sql(db.db(), half));
        halves.map_err(|error| Undone::Written(classified(error)))?;
    }
    if command.is_recorded() {
        let task = subject(&needs, &outcome);
        record(db, request, at, task, written.event.map(|event| event.0))?;
    }
    if let Apart::Yes = apart {
        sql(db.db(), "RELEASE command").map_err(|error| Undone::Written(classified(error)))?;
    }
    let applied = Applied { outcome, run: written.run, event: written.event, at };
    Ok(Done { applied, recorded: command.is_recorded() })
}

/// Loads and decides, and writes nothing.
pub(crate) fn decide(
    db: &Statements<'_>,
    env: &Environment,
    request: &Request,
) -> Result<Transition, StoreError> {
    let ctx = Context { actor: &request.actor, at: env.clock.now(), policy: &env.policy };
    decide_on(db, env, &request.command, &request.command.needs(), ctx)
}

fn decide_on(
    db: &Statements<'_>,
    env: &Environment,
    command: &Command,
    needs: &Needs<'_>,
    ctx: Context<'_>,
) -> Result<Transition, StoreError> {
    let view = load::view(db, needs, env.random.as_ref())?;
    Ok(command.decide(&view, ctx)?)
}

fn subject<'a>(needs: &Needs<'a>, outcome: &'a Outcome) -> Option<&'a TaskId> {
    match outcome {
        Outcome::Created { task, .. } => Some(task),
        _ => needs.subject,
    }
}

fn is_recorded(db: &Statements<'_>, op: OpId) -> Result<bool, StoreError> {
    let found = load::one(db, "SELECT 1 FROM andon_ops WHERE op = ?1", [op.0], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Keeps who did what, and that this operation was carried out; its id can be kept only once.
fn record(
    db: &Statements<'_>,
    request: &Request,
    at: Timestamp,
    task: Option<&TaskId>,
    event: Option<i64>,
) -> Result<(), Undone> {
    let statement = "INSERT INTO andon_ops (op, at, verb, actor, task_id, event_id) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let actor = request.actor.to_string();
    let verb = request.command.verb();
    let mut statement = db.prepare(statement, write::DOING).map_err(Undone::Written)?;
    let row = (request.op.0, at.0, verb, actor, task.map(TaskId::as_str), event);
    match statement.execute(row) {
        Ok(_) => Ok(()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(Undone::Repeated)
        }
        Err(error) => Err(Undone::Written(classified(error))),
    }
}

#[cfg(test)]
mod tests;
