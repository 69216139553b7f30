//! Schedules: a task wakes at its time.

use super::claims;
use crate::fixture::Board;
use andon_core::command::create::Begin;
use andon_core::command::due::Due;
use andon_core::command::schedule::Schedule;
use andon_core::command::unblock::Unblock;
use andon_core::id::TaskId;
use andon_core::task::Status;
use andon_core::time::{Seconds, Timestamp};
use std::slice::from_ref;

claims![
    a_scheduled_task_is_due_at_its_time_soonest_first,
    a_task_wakes_once,
    a_task_parked_without_a_time_is_never_due,
    parking_a_running_task_ends_its_run,
    a_task_released_by_hand_is_due_no_more,
];

fn later(board: &Board, seconds: i64) -> Timestamp {
    board.now() + Seconds(seconds)
}

fn due(board: &Board) -> Vec<TaskId> {
    let due = board.store.due_list(board.now(), 10).expect("schedules can be read");
    due.into_iter().map(|due| due.task).collect()
}

fn a_scheduled_task_is_due_at_its_time_soonest_first(board: &Board) {
    let second = board.task("b").begins(Begin::At(later(board, 20))).create();
    let first = board.task("a").begins(Begin::At(later(board, 10))).create();
    assert_eq!(due(board), []);
    assert_eq!(board.store.next_due(board.now()), Ok(Some(later(board, 10))));
    board.pass(10);
    assert_eq!(due(board), from_ref(&first));
    board.pass(10);
    assert_eq!(due(board), [first.clone(), second]);
    let one = board.store.due_list(board.now(), 1).expect("schedules can be read");
    assert_eq!(one.len(), 1);
}

fn a_task_wakes_once(board: &Board) {
    let id = board.task("a").begins(Begin::At(later(board, 10))).create();
    assert_eq!(board.refused(Due { task: id.clone() }).code(), "nothing_to_do");
    board.pass(10);
    board.done(Due { task: id.clone() });
    assert_eq!((board.status(&id), board.get(&id).hold.due_at), (Status::Ready, None));
    assert_eq!(due(board), []);
    assert_eq!(board.refused(Due { task: id }).code(), "wrong_status");
}

fn a_task_parked_without_a_time_is_never_due(board: &Board) {
    let id = board.task("a").create();
    let expected_run = None;
    board.done(Schedule { task: id.clone(), reason: None, due_at: None, expected_run });
    board.pass(1_000_000);
    assert_eq!((board.status(&id), due(board)), (Status::Scheduled, Vec::new()));
    assert_eq!(board.store.next_due(Timestamp(0)), Ok(None));
}

fn parking_a_running_task_ends_its_run(board: &Board) {
    let id = board.task("a").create();
    let run = board.claim(&id);
    board.done(Schedule {
        task: id.clone(),
        reason: Some("until tomorrow".into()),
        due_at: Some(later(board, 86_400)),
        expected_run: Some(run),
    });
    let closed = board.last_run(&id);
    assert_eq!(closed.outcome.as_deref(), Some("scheduled"));
    assert_eq!(closed.summary.as_deref(), Some("until tomorrow"));
    assert_eq!(board.get(&id).hold.due_at, Some(later(board, 86_400)));
}

fn a_task_released_by_hand_is_due_no_more(board: &Board) {
    let id = board.task("a").begins(Begin::At(later(board, 10))).create();
    board.done(Unblock { task: id.clone(), reason: None });
    board.pass(100);
    assert_eq!((board.status(&id), due(board)), (Status::Ready, Vec::new()));
}
