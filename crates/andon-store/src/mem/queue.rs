//! What waits on a board, and for how long.

use super::board::Board;
use crate::{AssigneeCounts, Cursor, DueTask, QueueEntry, SettledPage, Stats};
use andon_core::id::{Assignee, TaskId};
use andon_core::task::{Status, Task};
use andon_core::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Events after which a ready task was ready. The newest of them says since when it waits.
const MADE_READY: &[&str] = &[
    "created",
    "promoted",
    "promoted_manual",
    "unblocked",
    "reclaimed",
    "crashed",
    "timed_out",
    "stale",
    "rate_limited",
    "protocol_violation",
    "spawn_failed",
];

/// Tasks that may be claimed: first nobody's, then by name of the assignee, at most `each` of one,
/// the fairest first.
pub(super) fn heads(board: &Board, at: Timestamp, each: usize) -> Vec<QueueEntry> {
    let mut waiting: Vec<&Task> =
        board.tasks.values().filter(|task| is_claimable(board, task, at)).collect();
    waiting.sort_by_key(|task| {
        (task.assignee.as_ref(), Reverse(task.priority), task.created_at, &task.id)
    });
    let mut taken: BTreeMap<Option<&Assignee>, usize> = BTreeMap::new();
    waiting.retain(|task| {
        let taken = taken.entry(task.assignee.as_ref()).or_insert(0);
        *taken += 1;
        *taken <= each
    });
    let entry = |task: &Task| QueueEntry {
        task: task.id.clone(),
        assignee: task.assignee.clone(),
        priority: task.priority,
        created_at: task.created_at,
        status: task.status,
    };
    waiting.into_iter().map(entry).collect()
}

fn is_claimable(board: &Board, task: &Task, at: Timestamp) -> bool {
    matches!(task.status, Status::Ready | Status::Review)
        && task.hold.not_before.is_none_or(|until| until <= at)
        && !board.lingering().any(|run| run.task == task.id)
}

pub(super) fn due(board: &Board, at: Timestamp, limit: usize) -> Vec<DueTask> {
    let mut due: Vec<(Timestamp, &TaskId)> =
        scheduled(board).filter(|(due, _)| *due <= at).collect();
    due.sort();
    due.into_iter().take(limit).map(|(at, id)| DueTask { task: id.clone(), at }).collect()
}

fn scheduled(board: &Board) -> impl Iterator<Item = (Timestamp, &TaskId)> {
    let scheduled = board.tasks.values().filter(|task| task.status == Status::Scheduled);
    scheduled.filter_map(|task| task.hold.due_at.map(|due| (due, &task.id)))
}

/// The next time after `after` at which a schedule, a wait or a lease ends. A wait may belong to a
/// task that is not ready; looking once too often does no harm.
pub(super) fn next_due(board: &Board, after: Timestamp) -> Option<Timestamp> {
    let ends = board.tasks.values().flat_map(|task| {
        let lease = task.claim.as_ref().and_then(|claim| claim.expires);
        [task.hold.due_at, task.hold.not_before, lease]
    });
    ends.flatten().filter(|end| *end > after).min()
}

/// One slice of the waiting tasks, in the order in which they were made.
pub(super) fn settled(board: &Board, after: Cursor, scan: usize) -> SettledPage {
    let numbered = (1..).map(Cursor).zip(&board.made);
    let waiting = numbered.filter(|(cursor, id)| {
        *cursor > after && board.tasks.get(id).is_some_and(|task| task.status == Status::Todo)
    });
    let slice: Vec<(Cursor, &TaskId)> = waiting.take(scan).collect();
    let next = if slice.len() < scan { None } else { slice.last().map(|(cursor, _)| *cursor) };
    let free = slice.into_iter().filter(|(_, id)| board.open_parents(id).next().is_none());
    SettledPage { ready: free.map(|(_, id)| id.clone()).collect(), next }
}

pub(super) fn stats(board: &Board) -> Stats {
    let mut by_assignee: BTreeMap<&Assignee, Vec<&Task>> = BTreeMap::new();
    let shown = board.tasks.values().filter(|task| task.status != Status::Archived);
    for task in shown.clone() {
        if let Some(assignee) = task.assignee.as_ref() {
            by_assignee.entry(assignee).or_default().push(task);
        }
    }
    let counts = |(assignee, tasks): (&Assignee, Vec<&Task>)| AssigneeCounts {
        assignee: assignee.clone(),
        counts: by_status(tasks.into_iter()),
    };
    let ready = board.tasks.values().filter(|task| task.status == Status::Ready);
    Stats {
        by_status: by_status(shown),
        by_assignee: by_assignee.into_iter().map(counts).collect(),
        oldest_ready: ready.map(|task| ready_since(board, task)).min(),
    }
}

/// How many of these tasks have each status; absent where zero.
pub(super) fn by_status<'t>(tasks: impl Iterator<Item = &'t Task> + Clone) -> Vec<(Status, u64)> {
    let count = |status: Status| {
        let count = tasks.clone().filter(|task| task.status == status).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    };
    let counts = Status::ALL.iter().map(|status| (*status, count(*status)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn ready_since(board: &Board, task: &Task) -> Timestamp {
    let made_ready = board
        .events
        .iter()
        .rfind(|event| event.task == task.id && MADE_READY.contains(&event.kind.as_str()));
    made_ready.map_or(task.created_at, |event| event.at)
}
