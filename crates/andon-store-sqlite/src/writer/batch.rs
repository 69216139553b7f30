//! One commit: commands queued together, all acknowledged after the sync.

mod one;
mod transaction;

pub(crate) use one::decide;

use super::Desk;
use super::queue::BATCH_MAX;
use crate::statement::Statements;
use crate::write::ledger::{EventPlace, Ledger, Unwritable};
use andon_core::time::Timestamp;
use andon_core::transition::Outcome;
use andon_store::{Applied, Request, StoreError};
use one::Undone;
use std::borrow::Borrow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use transaction::{Cause, Failure, begin, commit, point, roll_back, undo_one};

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
    /// Its last event is named when the batch is written.
    applied: Applied,
    event: Option<EventPlace>,
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
    let mut ledger = Ledger::new(at);
    let mut answers = Vec::with_capacity(batch.len());
    // Ends because a batch is full at some time. Those whom the last commit has answered ask again
    // while this one is worked at; without them every other commit would be half as large, and its
    // sync costs as much.
    loop {
        while let Some(request) = batch.get(answers.len()) {
            answers.push(in_turn(desk, &statements, &mut ledger, at, request.borrow(), apart)?);
        }
        let joining = late(BATCH_MAX.saturating_sub(batch.len()));
        if joining.is_empty() {
            break;
        }
        batch.extend(joining);
    }
    put_down(desk, &statements, &mut ledger)?;
    for done in answers.iter_mut().flatten() {
        done.applied.event = done.event.and_then(|place| ledger.number(place));
    }
    point("writer.written").inspect_err(|_| roll_back(&desk.db))?;
    commit(&desk.db, batch, &answers)?;
    // Nothing that can fail runs between the commit and the answer.
    andon_faults::pass("writer.committed");
    Ok(answers)
}

/// What a batch without savepoints adds to the ends of the tables, in a few statements. `Err` means
/// that nothing of the batch is on the board.
fn put_down(desk: &Desk, statements: &Statements<'_>, ledger: &mut Ledger) -> Result<(), Failure> {
    ledger.write(statements).map_err(|why| {
        roll_back(&desk.db);
        match why {
            Unwritable::Repeated => Failure::repeated(),
            Unwritable::Failed(error) => Failure { error, cause: Cause::OneCommand },
        }
    })
}

/// One command of a batch. `Err` means that nothing of the batch is on the board.
fn in_turn(
    desk: &Desk,
    statements: &Statements<'_>,
    ledger: &mut Ledger,
    at: Timestamp,
    request: &Request,
    apart: Apart,
) -> Result<Result<Done, StoreError>, Failure> {
    // A panic is a fault of ours; it must not take the other commands along.
    let one =
        AssertUnwindSafe(|| one::carry_out(statements, ledger, &desk.env, at, request, apart));
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
            ledger.forget();
            undo_one(&desk.db);
            Err(error)
        }
        (Err(Undone::Repeated), Apart::No) => {
            roll_back(&desk.db);
            return Err(Failure::repeated());
        }
        (Err(Undone::Repeated), Apart::Yes) => {
            ledger.forget();
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
        Self { applied, event: None, recorded: false }
    }
}

#[cfg(test)]
mod tests;
