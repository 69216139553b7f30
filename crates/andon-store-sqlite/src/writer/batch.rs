//! One commit: commands queued together, each in its savepoint, all acknowledged after the sync.

use super::Desk;
use super::queue::Job;
use crate::fault;
use crate::load;
use crate::lock;
use crate::statement::prepare;
use crate::write::{self, Writing};
use andon_core::command::{Command, Context};
use andon_core::id::{OpId, TaskId};
use andon_core::time::Timestamp;
use andon_core::transition::{Outcome, Transition};
use andon_core::view::Needs;
use andon_store::{Applied, Environment, Request, StoreError};
use rusqlite::{Connection, ErrorCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Tries of one batch when the disk reports an error; the last error is answered. Disks behind a
/// network or a controller that resets come back within fractions of a second, or not at all.
const DISK_TRIES: u32 = 3;
/// Wait before the second try; doubles with each further one.
const DISK_WAIT: Duration = Duration::from_millis(20);

/// Carries out a batch in one transaction and answers every caller.
pub(super) fn carry_out(desk: &Desk, batch: Vec<Job>) {
    let mut wait = DISK_WAIT;
    for _ in 1..DISK_TRIES {
        match attempt(desk, &batch) {
            Ok(answers) => return answer_each(batch, answers),
            Err(failure) if failure.disk => {
                std::thread::sleep(wait);
                wait *= 2;
            }
            Err(failure) => return answer_all(batch, &failure.error),
        }
    }
    match attempt(desk, &batch) {
        Ok(answers) => answer_each(batch, answers),
        Err(failure) => answer_all(batch, &failure.error),
    }
}

/// What one command of a batch did.
struct Done {
    applied: Applied,
    /// Whether its operation id stands in the transaction.
    recorded: bool,
}

/// Why a whole batch was not carried out: nothing of it is on the board.
struct Failure {
    error: StoreError,
    /// The disk failed; the same batch may be tried again.
    disk: bool,
}

/// One transaction. `Ok` means that it ended well; single commands may have been refused.
fn attempt(desk: &Desk, batch: &[Job]) -> Result<Vec<Result<Done, StoreError>>, Failure> {
    begin(desk)?;
    let at = desk.env.clock.now();
    let mut answers = Vec::with_capacity(batch.len());
    for job in batch {
        // A panic is a fault of ours; it must not take the other commands along.
        let one = AssertUnwindSafe(|| carry_out_one(&desk.db, &desk.env, at, &job.request));
        let answer = catch_unwind(one).unwrap_or_else(|_| {
            undo_one(&desk.db);
            let verb = job.request.command.verb();
            Err(StoreError::Internal(format!("{verb} panicked")))
        });
        if desk.db.is_autocommit() {
            // SQLite has rolled everything back itself. The first cause is what everybody gets.
            let error = answer.err().unwrap_or_else(|| {
                StoreError::Internal("the transaction ended by itself".to_owned())
            });
            return Err(Failure { error, disk: false });
        }
        answers.push(answer);
    }
    commit(&desk.db, batch, &answers)?;
    Ok(answers)
}

/// Takes SQLite's own write lock. In the way can only be a program that does not queue with us.
fn begin(desk: &Desk) -> Result<(), Failure> {
    let since = Instant::now();
    sql(&desk.db, "BEGIN IMMEDIATE").map_err(|error| match Failure::of(error) {
        Failure { error: StoreError::Busy { doing, .. }, disk } => {
            let waited_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            let holder = lock::writing_process(desk.identity.path());
            Failure { error: StoreError::Busy { doing, waited_ms, holder }, disk }
        }
        failure => failure,
    })
}

fn answer_each(batch: Vec<Job>, answers: Vec<Result<Done, StoreError>>) {
    for (job, answer) in batch.into_iter().zip(answers) {
        job.answer(answer.map(|done| done.applied));
    }
}

/// Answers every caller of a batch with the same error.
pub(super) fn answer_all(batch: Vec<Job>, error: &StoreError) {
    for job in batch {
        job.answer(Err(error.clone()));
    }
}

fn carry_out_one(
    db: &Connection,
    env: &Environment,
    at: Timestamp,
    request: &Request,
) -> Result<Done, StoreError> {
    let Request { op, actor, command } = request;
    let unwritten = |outcome| Done {
        applied: Applied { outcome, run: None, event: None, at },
        recorded: false,
    };
    let ctx = Context { actor, at, policy: &env.policy };
    let needs = command.needs();
    let Transition { writes, outcome } = match decide_on(db, env, command, &needs, ctx) {
        // What was carried out already is often refused the second time: the sender asks only
        // because it never heard the first answer.
        Err(StoreError::Rejected(_)) if is_recorded(db, *op)? => {
            return Ok(unwritten(Outcome::Unchanged));
        }
        decided => decided?,
    };
    if writes.is_empty() {
        return Ok(unwritten(outcome));
    }
    sql(db, "SAVEPOINT command").map_err(classified)?;
    let written = Writing::new(db, at).all(writes).and_then(|written| {
        let task = subject(&needs, &outcome);
        let event = written.event.map(|event| event.0);
        if !command.is_recorded() {
            return Ok((written, Repeated::No));
        }
        record(db, request, at, task, event).map(|repeated| (written, repeated))
    });
    match written {
        Ok((written, Repeated::No)) => {
            sql(db, "RELEASE command").map_err(classified)?;
            let applied = Applied { outcome, run: written.run, event: written.event, at };
            Ok(Done { applied, recorded: command.is_recorded() })
        }
        Ok((_, Repeated::Yes)) => {
            undo_one(db);
            Ok(unwritten(Outcome::Unchanged))
        }
        Err(error) => {
            undo_one(db);
            Err(error)
        }
    }
}

/// Whether a request was carried out before, under the same operation id.
enum Repeated {
    Yes,
    No,
}

/// Loads and decides, and writes nothing.
pub(crate) fn decide(
    db: &Connection,
    env: &Environment,
    request: &Request,
) -> Result<Transition, StoreError> {
    let ctx = Context { actor: &request.actor, at: env.clock.now(), policy: &env.policy };
    decide_on(db, env, &request.command, &request.command.needs(), ctx)
}

fn decide_on(
    db: &Connection,
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

/// Takes one command back and keeps the others. If that fails, SQLite has rolled back or will
/// refuse the commit; either way the first error is the one that counts.
fn undo_one(db: &Connection) {
    let _secondary = sql(db, "ROLLBACK TO command").and_then(|()| sql(db, "RELEASE command"));
}

/// Commits. After an error the truth is looked up: the ids of the batch's operations are on the
/// board exactly if the commit took effect.
fn commit(
    db: &Connection,
    batch: &[Job],
    answers: &[Result<Done, StoreError>],
) -> Result<(), Failure> {
    let Err(first) = sql(db, "COMMIT") else { return Ok(()) };
    if !db.is_autocommit() {
        let _secondary = sql(db, "ROLLBACK");
    }
    let failure = Failure::of(first);
    let recorded = |answer: &Result<Done, StoreError>| answer.as_ref().is_ok_and(|d| d.recorded);
    let probe = batch.iter().zip(answers).find(|(_, answer)| recorded(answer));
    let Some((job, _)) = probe else { return Err(failure) };
    let verb = job.request.command.verb();
    match is_recorded(db, job.request.op) {
        Ok(true) => Ok(()),
        // A sync that failed may have left the commit in the log, where a power cut would bring it
        // back. Another try overwrites it; without one nobody can say what a restart will find.
        Ok(false) if failure.disk => {
            let why = failure.error.to_string();
            Err(Failure { error: StoreError::Unknown { verb, why }, disk: true })
        }
        Ok(false) => Err(failure),
        Err(_) => {
            let why = failure.error.to_string();
            Err(Failure { error: StoreError::Unknown { verb, why }, disk: failure.disk })
        }
    }
}

impl Failure {
    fn of(error: rusqlite::Error) -> Self {
        let disk = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
        Self { error: classified(error), disk }
    }
}

fn classified(error: rusqlite::Error) -> StoreError {
    fault::of(write::DOING, error)
}

fn is_recorded(db: &Connection, op: OpId) -> Result<bool, StoreError> {
    let found = load::one(db, "SELECT 1 FROM andon_ops WHERE op = ?1", [op.0], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Keeps who did what, and that this operation was carried out; its id can be kept only once.
fn record(
    db: &Connection,
    request: &Request,
    at: Timestamp,
    task: Option<&TaskId>,
    event: Option<i64>,
) -> Result<Repeated, StoreError> {
    let statement = "INSERT INTO andon_ops (op, at, verb, actor, task_id, event_id) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let actor = request.actor.to_string();
    let verb = request.command.verb();
    let mut statement = prepare(db, statement, write::DOING)?;
    let row = (request.op.0, at.0, verb, actor, task.map(TaskId::as_str), event);
    match statement.execute(row) {
        Ok(_) => Ok(Repeated::No),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Ok(Repeated::Yes)
        }
        Err(error) => Err(classified(error)),
    }
}

fn sql(db: &Connection, statement: &str) -> rusqlite::Result<()> {
    db.prepare_cached(statement)?.execute([]).map(drop)
}
