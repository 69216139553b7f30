//! The queue: what may be claimed now, fairest first.

use super::claims;
use crate::fixture::{Board, profile, verbs};
use andon_core::id::TaskId;
use andon_core::run::Exit;
use andon_core::task::{BlockKind, Status};
use andon_store::{Cursor, QueueEntry};
use std::slice::from_ref;

claims![
    the_fair_order_is_priority_then_age_then_id,
    each_assignee_has_a_queue_of_its_own_and_nobody_too,
    only_what_may_be_claimed_is_in_the_queue,
    waiting_tasks_are_looked_through_in_slices,
];

fn heads(board: &Board, each: usize) -> Vec<QueueEntry> {
    board.store.queue_heads(board.now(), each).expect("the queue can be read")
}

fn tasks(entries: Vec<QueueEntry>) -> Vec<TaskId> {
    entries.into_iter().map(|entry| entry.task).collect()
}

fn the_fair_order_is_priority_then_age_then_id(board: &Board) {
    let old = board.task("old").create();
    board.pass(10);
    let mut young = [board.task("a").create(), board.task("b").create()];
    young.sort();
    board.pass(10);
    let urgent = board.task("urgent").priority(1).create();
    let idle = board.task("idle").priority(-1).create();
    let [first, second] = young;
    assert_eq!(tasks(heads(board, 10)), [urgent.clone(), old.clone(), first, second, idle]);
    assert_eq!(tasks(heads(board, 2)), [urgent, old]);
}

fn each_assignee_has_a_queue_of_its_own_and_nobody_too(board: &Board) {
    for name in ["x", "y"] {
        for _ in 0..3 {
            board.task("a").assigned(name).create();
        }
    }
    let free = board.task("free").create();
    let entries = heads(board, 2);
    let of = |name: Option<&str>| {
        let assignee = name.map(profile);
        entries.iter().filter(|entry| entry.assignee == assignee).count()
    };
    assert_eq!((of(Some("x")), of(Some("y")), of(None)), (2, 2, 1));
    let entry = entries.iter().find(|entry| entry.task == free).expect("nobody's task is there");
    assert_eq!((entry.priority, entry.created_at), (0, board.now()));
    assert_eq!(entry.status, Status::Ready);
}

fn only_what_may_be_claimed_is_in_the_queue(board: &Board) {
    let parent = board.task("parent").claimed();
    board.task("waits").after(&parent).create();
    let cooling = board.task("cooling").create();
    let run = board.start(&cooling);
    board.done(verbs::finish(&cooling, run, Exit::Code(1)));
    let ending = board.task("ending").create();
    let run = board.start(&ending);
    board.done(verbs::block(&ending, BlockKind::NeedsInput));
    board.done(andon_core::command::unblock::Unblock { task: ending.clone(), reason: None });
    assert_eq!(tasks(heads(board, 10)), []);
    board.done(verbs::finish(&ending, run, Exit::Code(0)));
    assert_eq!(tasks(heads(board, 10)), from_ref(&ending));
    board.pass(1_000);
    let mut both = tasks(heads(board, 10));
    both.sort();
    let mut expected = [cooling, ending];
    expected.sort();
    assert_eq!(both, expected);
}

fn waiting_tasks_are_looked_through_in_slices(board: &Board) {
    let parent = board.task("parent").create();
    for _ in 0..5 {
        board.task("waits").after(&parent).create();
    }
    // Commands leave no settled task behind; only that all of them are looked at can be seen.
    let (mut after, mut slices) = (Cursor::START, 0);
    loop {
        let page = board.store.settled_page(after, 2).expect("the queue can be read");
        assert_eq!(page.ready, []);
        slices += 1;
        match page.next {
            Some(next) => {
                assert!(next > after);
                after = next;
            }
            None => break,
        }
    }
    assert_eq!(slices, 3);
}
