//! One commit: commands queued together, each in its savepoint, all acknowledged after the sync.

use super::Desk;
use super::queue::Job;
use crate::fault;
use crate::load;
use crate::statement::prepare;
use crate::write::{self, Writing};
use andon_core::command::{Command, Context};
use andon_core::id::{OpId, TaskId};
use andon_core::rejected::Rejected;
use andon_core::time::Timestamp;
use andon_core::transition::{Outcome, Transition};
use andon_core::view::Needs;
use andon_store::{Applied, Environment, Request, StoreError};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Carries out a batch in one transaction and answers every caller.
pub(super) fn carry_out(desk: &Desk, batch: Vec<Job>) {
    if let Err(error) = sql(&desk.db, "BEGIN IMMEDIATE") {
        return answer_all(batch, &error);
    }
    let at = desk.env.clock.now();
    let mut answers = Vec::with_capacity(batch.len());
    for job in &batch {
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
            return answer_all(batch, &error);
        }
        answers.push(answer);
    }
    let committed = commit(&desk.db, &batch, &answers);
    for (job, answer) in batch.into_iter().zip(answers) {
        job.answer(match &committed {
            Ok(()) => answer,
            Err(error) => answer.and(Err(error.clone())),
        });
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
) -> Result<Applied, StoreError> {
    let Request { op, actor, command } = request;
    if command.is_recorded() && is_recorded(db, *op)? {
        return Ok(Applied { outcome: Outcome::Unchanged, run: None, event: None, at });
    }
    let ctx = Context { actor, at, policy: &env.policy };
    let needs = command.needs();
    let Transition { writes, outcome } = decide_on(db, env, command, &needs, ctx)?;
    if writes.is_empty() {
        return Ok(Applied { outcome, run: None, event: None, at });
    }
    sql(db, "SAVEPOINT command")?;
    let written = Writing::new(db, at).all(writes).and_then(|written| {
        if command.is_recorded() {
            let task = subject(&needs, &outcome);
            record(db, request, at, task, written.event.map(|event| event.0))?;
        }
        Ok(written)
    });
    match written {
        Ok(written) => {
            sql(db, "RELEASE command")?;
            Ok(Applied { outcome, run: written.run, event: written.event, at })
        }
        Err(error) => {
            undo_one(db);
            Err(error)
        }
    }
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
    Ok(command.decide(&view, ctx).map_err(|rejected: Rejected| StoreError::Rejected(rejected))?)
}

fn subject<'a>(needs: &Needs<'a>, outcome: &'a Outcome) -> Option<&'a TaskId> {
    match outcome {
        Outcome::Created { task, .. } => Some(task),
        _ => needs.subject,
    }
}

/// Takes one command back and keeps the others. If that fails, SQLite has rolled back or will refuse the
/// commit; either way the first error is the one that counts.
fn undo_one(db: &Connection) {
    let _secondary = sql(db, "ROLLBACK TO command").and_then(|()| sql(db, "RELEASE command"));
}

/// Commits. After an error the truth is looked up: the ids of the batch's operations are on the board
/// exactly if the commit took effect.
fn commit(
    db: &Connection,
    batch: &[Job],
    answers: &[Result<Applied, StoreError>],
) -> Result<(), StoreError> {
    let wrote = answers
        .iter()
        .any(|answer| answer.as_ref().is_ok_and(|applied| applied.outcome != Outcome::Unchanged));
    if !wrote {
        // Nothing to keep: ending the transaction cannot lose anything.
        let _nothing = sql(db, "ROLLBACK");
        return Ok(());
    }
    let Err(first) = sql(db, "COMMIT") else { return Ok(()) };
    if !db.is_autocommit() {
        let _secondary = sql(db, "ROLLBACK");
    }
    let probe = batch.iter().zip(answers).find(|(job, answer)| {
        answer.as_ref().is_ok_and(|applied| applied.event.is_some())
            && job.request.command.is_recorded()
    });
    let Some((job, _)) = probe else { return Err(first) };
    match is_recorded(db, job.request.op) {
        Ok(true) => Ok(()),
        Ok(false) => Err(first),
        Err(_) => {
            let verb = job.request.command.verb();
            Err(StoreError::Unknown { verb, why: first.to_string() })
        }
    }
}

fn is_recorded(db: &Connection, op: OpId) -> Result<bool, StoreError> {
    let found = load::one(db, "SELECT 1 FROM andon_ops WHERE op = ?1", [op.0], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Keeps who did what, and that this operation was carried out.
fn record(
    db: &Connection,
    request: &Request,
    at: Timestamp,
    task: Option<&TaskId>,
    event: Option<i64>,
) -> Result<(), StoreError> {
    let statement = "INSERT INTO andon_ops (op, at, verb, actor, task_id, event_id) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let actor = request.actor.to_string();
    let verb = request.command.verb();
    let mut statement = prepare(db, statement, write::DOING)?;
    statement
        .execute((request.op.0, at.0, verb, actor, task.map(TaskId::as_str), event))
        .map_err(|e| fault::of(write::DOING, e))?;
    Ok(())
}

fn sql(db: &Connection, statement: &str) -> Result<(), StoreError> {
    let mut statement = prepare(db, statement, write::DOING)?;
    statement.execute([]).map(drop).map_err(|e| fault::of(write::DOING, e))
}
