//! One command of a batch: what it may look at is loaded, the decision is made, its writes follow.

use super::transaction::{classified, sql};
use super::{Apart, Done};
use crate::load;
use crate::statement::Statements;
use crate::write::Writing;
use crate::write::ledger::{Ledger, OperationRow, Unwritable};
use andon_core::command::{Command, Context};
use andon_core::id::{OpId, TaskId};
use andon_core::time::Timestamp;
use andon_core::transition::{Outcome, Transition};
use andon_core::view::Needs;
use andon_store::{Applied, Environment, Request, StoreError};

/// Why one command was not carried out.
pub(super) enum Undone {
    /// Refused, or unreadable; it has written nothing.
    Unwritten(StoreError),
    /// It failed half way.
    Written(StoreError),
    /// It was carried out before, under the same operation id, and has now written again.
    Repeated,
}

impl From<Unwritable> for Undone {
    fn from(why: Unwritable) -> Self {
        match why {
            Unwritable::Repeated => Self::Repeated,
            Unwritable::Failed(error) => Self::Written(error),
        }
    }
}

/// Carries a command out within the transaction that is open.
pub(super) fn carry_out(
    db: &Statements<'_>,
    ledger: &mut Ledger,
    env: &Environment,
    at: Timestamp,
    request: &Request,
    apart: Apart,
) -> Result<Done, Undone> {
    let Request { actor, command, .. } = request;
    let ctx = Context { actor, at, policy: &env.policy };
    let needs = command.needs();
    let Transition { writes, outcome } = match decide_on(db, env, command, &needs, ctx) {
        Ok(transition) => transition,
        // What was carried out already is often refused the second time: the sender asks only
        // because it never heard the first answer.
        Err(error @ StoreError::Rejected(_)) => {
            ledger.write(db)?;
            return match is_recorded(db, request.op).map_err(Undone::Unwritten)? {
                true => Ok(Done::nothing(Outcome::Unchanged, at)),
                false => Err(Undone::Unwritten(error)),
            };
        }
        Err(error) => return Err(Undone::Unwritten(error)),
    };
    if writes.is_empty() {
        return Ok(Done::nothing(outcome, at));
    }
    if let Apart::Yes = apart {
        sql(db.db(), "SAVEPOINT command").map_err(|error| Undone::Unwritten(classified(error)))?;
    }
    let written = Writing::new(db, at, ledger).all(writes).map_err(Undone::Written)?;
    if andon_faults::planted("writer.two-commits") {
        let halves = ["COMMIT", "BEGIN IMMEDIATE"].iter().try_for_each(|half| sql(db.db(), half));
        halves.map_err(|error| Undone::Written(classified(error)))?;
    }
    if command.is_recorded() {
        ledger.operation(OperationRow {
            op: request.op,
            verb: command.verb(),
            actor: actor.to_string(),
            task: subject(&needs, &outcome).cloned(),
            event: written.event,
        });
    }
    if let Apart::Yes = apart {
        ledger.write(db)?;
        sql(db.db(), "RELEASE command").map_err(|error| Undone::Written(classified(error)))?;
    }
    let applied = Applied { outcome, run: written.run, event: None, at };
    Ok(Done { applied, event: written.event, recorded: command.is_recorded() })
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

/// Whether an operation stands on the board, or in this transaction.
pub(super) fn is_recorded(db: &Statements<'_>, op: OpId) -> Result<bool, StoreError> {
    let found = load::one(db, "SELECT 1 FROM andon_ops WHERE op = ?1", [op.0], |_| Ok(()))?;
    Ok(found.is_some())
}
