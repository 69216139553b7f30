//! Loads what a command may look at.

use super::board::Board;
use crate::StoreError;
use andon_core::id::{RunId, TaskId};
use andon_core::run::{Run, RunOutcome};
use andon_core::task::{Status, Task};
use andon_core::view::{
    Child, Known, LinkState, Needs, OPEN_PARENTS_NAMED, OpenParents, OtherParents, View,
};
use std::collections::BTreeSet;

/// Ids tried before giving up: on a board in memory, where nobody else makes tasks, one is enough.
const FRESH_ID_DRAWS: usize = 32;

pub(super) fn view(
    board: &Board,
    needs: &Needs<'_>,
    random: impl Fn() -> u32,
) -> Result<View, StoreError> {
    let task = needs.subject.and_then(|id| board.tasks.get(id)).cloned();
    let current = task.as_ref().and_then(|task| task.current_run);
    let run = needs.run.or(current).and_then(|id| board.runs.get(&id)).cloned();
    let last_completed = needs.subject.filter(|_| needs.last_completed && run.is_none());
    let lingering = needs.subject.filter(|_| needs.lingering);
    let fresh_id = if needs.fresh_id { Some(fresh_id(board, random)?) } else { None };
    Ok(View {
        last_completed: last_completed.and_then(|id| newest_completed(board, id)),
        lingering: lingering.and_then(|id| {
            board.lingering().find(|run| run.task == *id && Some(run.id) != current).map(|r| r.id)
        }),
        open_parents: needs
            .subject
            .filter(|_| needs.parents)
            .map(|id| open_parents(board, id))
            .unwrap_or_default(),
        children: needs
            .subject
            .filter(|_| needs.children)
            .map(|id| children(board, id))
            .unwrap_or_default(),
        known: known(board, needs),
        same_key: needs.idempotency_key.and_then(|key| same_key(board, key)),
        link: needs.link.map(|(from, to)| link(board, from, to)).unwrap_or_default(),
        paused: board.pause.clone().filter(|_| needs.pause),
        fresh_id,
        task,
        run,
    })
}

/// The first open parents, and how many there are.
pub(super) fn open_parents(board: &Board, child: &TaskId) -> OpenParents {
    let named = board.open_parents(child).take(OPEN_PARENTS_NAMED).cloned().collect();
    OpenParents { count: board.open_parents(child).count(), named }
}

fn children(board: &Board, parent: &TaskId) -> Vec<Child> {
    let existing = board.children(parent).filter_map(|id| board.tasks.get(id));
    let child = |task: &Task| Child {
        id: task.id.clone(),
        status: task.status,
        others: match board.open_parents(&task.id).find(|other| *other != parent) {
            Some(_) => OtherParents::SomeOpen,
            None => OtherParents::AllClosed,
        },
    };
    existing.map(child).collect()
}

fn known(board: &Board, needs: &Needs<'_>) -> Vec<Known> {
    let existing = needs.known.iter().filter_map(|id| board.tasks.get(id));
    let known = |task: &Task| Known {
        id: task.id.clone(),
        status: Some(task.status),
        created_by: task.created_by.clone(),
        child_of_subject: needs
            .subject
            .is_some_and(|subject| board.links.contains(&(subject.clone(), task.id.clone()))),
    };
    existing.map(known).collect()
}

fn same_key(board: &Board, key: &str) -> Option<(TaskId, Status)> {
    let same = board.tasks.values().filter(|task| {
        task.idempotency_key.as_deref() == Some(key) && task.status != Status::Archived
    });
    let newest = same.max_by_key(|task| (task.created_at, &task.id))?;
    Some((newest.id.clone(), newest.status))
}

fn newest_completed(board: &Board, task: &TaskId) -> Option<RunId> {
    let completed = |run: &&Run| run.outcome.as_deref() == Some(RunOutcome::Completed.word());
    let runs = board.runs_of(task).filter(completed);
    runs.max_by_key(|run| (run.ended_at.unwrap_or(run.started_at), run.id)).map(|run| run.id)
}

/// State of the link from `parent` to `child`.
fn link(board: &Board, parent: &TaskId, child: &TaskId) -> LinkState {
    if board.links.contains(&(parent.clone(), child.clone())) {
        return LinkState::Present;
    }
    // Each task is visited once, so that the walk ends even on a board that has a circle.
    let mut seen = BTreeSet::from([child]);
    let mut next = vec![child];
    while let Some(id) = next.pop() {
        if id == parent {
            return LinkState::WouldCycle;
        }
        next.extend(board.children(id).filter(|id| seen.insert(*id)));
    }
    LinkState::Absent
}

fn fresh_id(board: &Board, random: impl Fn() -> u32) -> Result<TaskId, StoreError> {
    let mut newest = board.made.last().cloned();
    for _ in 0..FRESH_ID_DRAWS {
        let id = TaskId::after(newest.as_ref(), random());
        if !board.tasks.contains_key(&id) {
            return Ok(id);
        }
        newest = Some(id);
    }
    Err(StoreError::Internal(format!("{FRESH_ID_DRAWS} ids in a row were all taken")))
}
