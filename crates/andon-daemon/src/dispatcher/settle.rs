//! Children that became free because another program finished their parents. Our own completions
//! release them in the same commit; the peer's do not.
//!
//! New events are followed from a cursor, so the cost is that of the change. A full pass asks the
//! board for whatever slipped through.

use super::board::Board;
use super::due::note;
use super::report::{FailedStart, Phase, TickReport};
use andon_core::command::settle::Settle;
use andon_core::event::Event;
use andon_core::id::{EventId, TaskId};
use andon_core::task::Status;
use andon_store::{Cursor, EventFilter, OddEvents, StoreError};
use serde_json::Value;
use std::collections::BTreeSet;

/// Events read at once. More than a busy board writes between two wake-ups; the rest follows.
pub(super) const EVENTS_MAX: usize = 1_000;

/// Waiting tasks looked at in one pass, so that it costs the same on every board; the next pass
/// goes on. Half a millisecond.
const SLICE: usize = 500;

/// What followed events ask for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Tasks that may be free themselves.
    pub(super) tasks: BTreeSet<TaskId>,
    /// Tasks whose children may be free.
    pub(super) parents: BTreeSet<TaskId>,
    /// The newest event read.
    pub(super) cursor: Option<EventId>,
    /// Whether as many events were read as may be: there may be more.
    pub(super) rest: Rest,
}

/// Whether there may be more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Rest {
    /// All was read.
    #[default]
    Nothing,
    /// There may be more.
    Maybe,
}

/// Sorts events by what they may set free, and notes what runners recorded.
pub(super) fn plan(events: &[Event], report: &mut TickReport) -> Plan {
    let mut plan = Plan::default();
    for event in events {
        let task = || event.task.clone();
        match event.kind.as_str() {
            "completed" | "archived" => plan.parents.extend([task()]),
            // The peer writes `status` for moves by hand.
            "status" => {
                plan.parents.extend([task()]);
                plan.tasks.extend([task()]);
            }
            "created" | "unlinked" | "specified" | "decomposed" | "dependency_wait" => {
                plan.tasks.extend([task()]);
            }
            "crashed" | "protocol_violation" => report.crashed.push(task()),
            "timed_out" => report.timed_out.push(task()),
            "stale" => report.stale.push(task()),
            "rate_limited" => report.rate_limited.push(task()),
            "spawn_failed" => report.failed_starts.push(failed_start(event)),
            "gave_up" => report.auto_blocked.push(task()),
            _ => {}
        }
    }
    plan.cursor = events.last().map(|event| event.id);
    plan.rest = if events.len() < EVENTS_MAX { Rest::Nothing } else { Rest::Maybe };
    plan
}

fn failed_start(event: &Event) -> FailedStart {
    let payload = event.payload.as_ref().map(|payload| payload.0.as_str());
    let payload: Option<Value> = payload.and_then(|text| serde_json::from_str(text).ok());
    let error = payload.as_ref().and_then(|payload| payload.get("error")?.as_str());
    // The peer may have written it; whatever it says or does not say, a start failed.
    let error = error.unwrap_or("the board does not say why").to_owned();
    FailedStart { task: event.task.clone(), run: event.run, error }
}

/// Reads the events after the cursor.
pub(super) fn load(board: &Board, after: Option<EventId>) -> Result<Vec<Event>, StoreError> {
    let filter =
        EventFilter { after, limit: EVENTS_MAX, odd: OddEvents::PassedOver, ..Default::default() };
    board.store.event_list(&filter)
}

/// Settles what the events may have set free.
pub(super) fn apply(board: &Board, plan: Plan, report: &mut TickReport) {
    let mut candidates = plan.tasks;
    for parent in &plan.parents {
        match board.store.links(parent) {
            Ok(ends) => candidates.extend(ends.children),
            Err(error) => report.fail(Phase::Settle, Some(parent), error),
        }
    }
    for task in candidates {
        match is_free(board, &task) {
            Ok(true) => settle(board, task, report),
            Ok(false) => {}
            Err(error) => report.fail(Phase::Settle, Some(&task), error),
        }
    }
}

/// Reading first keeps the writer out of it: nearly always there is nothing to do.
fn is_free(board: &Board, task: &TaskId) -> Result<bool, StoreError> {
    let found = board.store.task_get(task)?;
    let waits = found.is_some_and(|task| task.status == Status::Todo);
    Ok(waits && board.store.open_parents(task)?.count == 0)
}

fn settle(board: &Board, task: TaskId, report: &mut TickReport) {
    match board.apply(Settle { task: task.clone() }) {
        Ok(applied) => note(report, &applied.outcome),
        // Somebody else moved it.
        Err(StoreError::Rejected(_)) => {}
        Err(error) => report.fail(Phase::Settle, Some(&task), error),
    }
}

/// Looks at the next slice of what waits, from where the last one stopped. Gives where the next one
/// begins: at the start again after the last.
pub(super) fn sweep(
    board: &Board,
    from: Cursor,
    report: &mut TickReport,
) -> Result<Cursor, StoreError> {
    let page = board.store.settled_page(from, SLICE)?;
    page.ready.into_iter().for_each(|task| settle(board, task, report));
    Ok(page.next.unwrap_or(Cursor::START))
}

/// The first slice, for a rehearsal.
pub(super) fn first_slice(board: &Board) -> Result<Vec<TaskId>, StoreError> {
    Ok(board.store.settled_page(Cursor::START, SLICE)?.ready)
}

#[cfg(test)]
mod tests;
