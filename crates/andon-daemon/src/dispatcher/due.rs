//! Schedules: tasks whose time has come.

use super::board::Board;
use super::report::{Phase, TickReport};
use andon_core::command::due::Due;
use andon_core::id::TaskId;
use andon_core::task::Status;
use andon_core::time::Timestamp;
use andon_core::transition::Outcome;
use andon_store::{DueTask, StoreError};

/// Tasks woken in one pass; the rest has its turn in the next one, at once.
const DUE_MAX: usize = 500;

/// What to wake: everything whose time has come, soonest first.
pub(super) fn plan(tasks: Vec<DueTask>, now: Timestamp) -> Vec<TaskId> {
    tasks.into_iter().filter(|due| due.at <= now).map(|due| due.task).collect()
}

/// Loads what is due by `now`.
pub(super) fn load(board: &Board, now: Timestamp) -> Result<Vec<DueTask>, StoreError> {
    board.store.due_list(now, DUE_MAX)
}

/// Wakes them. One that cannot be woken does not keep the others asleep.
pub(super) fn apply(board: &Board, tasks: Vec<TaskId>, report: &mut TickReport) {
    for task in tasks {
        match board.apply(Due { task: task.clone() }) {
            Ok(applied) => note(report, &applied.outcome),
            // Somebody else moved it.
            Err(StoreError::Rejected(_)) => {}
            Err(error) => report.fail(Phase::Due, Some(&task), error),
        }
    }
}

/// Counts what became ready.
pub(super) fn note(report: &mut TickReport, outcome: &Outcome) {
    if matches!(outcome, Outcome::Moved { to: Status::Ready, .. }) {
        report.promoted += 1;
    }
}
