//! Orders of lists: each is total, because each ends with the id.

use super::claims;
use crate::fixture::Board;
use andon_core::id::TaskId;
use andon_core::task::Task;
use andon_store::{ListFilter, SortOrder};
use std::cmp::Reverse;

claims![
    by_creation,
    by_priority,
    by_status,
    by_assignee_with_nobody_first,
    by_title,
    by_first_start_with_the_newest_first,
    tasks_that_are_alike_come_by_id,
    pages_together_are_the_list,
];

fn list(board: &Board, sort: SortOrder) -> Vec<Task> {
    let filter = ListFilter { sort, ..ListFilter::default() };
    board.store.task_list(&filter).expect("tasks can be read")
}

/// Nine tasks that differ in everything that a list is ordered by, and twins of them.
fn fill(board: &Board) {
    for (n, title) in [(2, "b"), (0, "B"), (1, "a")] {
        board.task(title).priority(n).create();
        board.task(title).priority(n).assigned("x").claimed();
        board.pass(5);
        board.task(title).priority(n).assigned("y").claimed();
    }
}

fn ids(tasks: &[Task]) -> Vec<&TaskId> {
    tasks.iter().map(|task| &task.id).collect()
}

/// Whether a list is in the order of a key.
fn assert_order<K: Ord>(board: &Board, sort: SortOrder, key: impl Fn(&Task) -> K) {
    fill(board);
    let listed = list(board, sort);
    assert_eq!(listed.len(), 9);
    let mut expected = listed.clone();
    expected.sort_by_key(key);
    assert_eq!(ids(&listed), ids(&expected));
}

fn by_creation(board: &Board) {
    assert_order(board, SortOrder::Created, |task| (task.created_at, task.id.clone()));
    let mut newest = list(board, SortOrder::CreatedDesc);
    newest.reverse();
    assert_eq!(ids(&newest), ids(&list(board, SortOrder::Created)));
}

fn by_priority(board: &Board) {
    assert_order(board, SortOrder::Priority, |task| {
        (Reverse(task.priority), task.created_at, task.id.clone())
    });
    let mut lowest = list(board, SortOrder::PriorityDesc);
    lowest.sort_by_key(|task| (task.priority, task.created_at, task.id.clone()));
    assert_eq!(ids(&lowest), ids(&list(board, SortOrder::PriorityDesc)));
}

fn by_status(board: &Board) {
    assert_order(board, SortOrder::Status, |task| {
        (task.status.word(), task.created_at, task.id.clone())
    });
}

fn by_assignee_with_nobody_first(board: &Board) {
    assert_order(board, SortOrder::Assignee, |task| {
        (task.assignee.clone(), task.created_at, task.id.clone())
    });
}

fn by_title(board: &Board) {
    assert_order(board, SortOrder::Title, |task| (task.title.clone(), task.id.clone()));
}

fn by_first_start_with_the_newest_first(board: &Board) {
    assert_order(board, SortOrder::Updated, |task| {
        let started = Reverse(task.started_at);
        (task.started_at.is_none(), started, Reverse(task.created_at), task.id.clone())
    });
}

fn tasks_that_are_alike_come_by_id(board: &Board) {
    let mut made: Vec<TaskId> = (0..8).map(|_| board.task("same").create()).collect();
    made.sort();
    let rising = [
        SortOrder::Created,
        SortOrder::Priority,
        SortOrder::PriorityDesc,
        SortOrder::Status,
        SortOrder::Assignee,
        SortOrder::Title,
        SortOrder::Updated,
    ];
    for sort in rising {
        assert_eq!(ids(&list(board, sort)), made.iter().collect::<Vec<_>>(), "{sort:?}");
    }
    made.reverse();
    assert_eq!(ids(&list(board, SortOrder::CreatedDesc)), made.iter().collect::<Vec<_>>());
}

fn pages_together_are_the_list(board: &Board) {
    fill(board);
    let whole = list(board, SortOrder::Priority);
    let page = |offset| {
        let filter = ListFilter { offset, limit: Some(4), ..ListFilter::default() };
        board.store.task_list(&filter).expect("tasks can be read")
    };
    let pages: Vec<Task> = [0, 4, 8, 12].into_iter().flat_map(page).collect();
    assert_eq!(ids(&pages), ids(&whole));
}
