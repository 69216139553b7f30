//! Counts of a board.

use super::claims;
use crate::fixture::{Board, profile, verbs};
use andon_core::command::create::Begin;
use andon_core::command::reclaim::Reclaim;
use andon_core::run::{Exit, Limit};
use andon_core::task::Status;
use andon_core::time::Seconds;
use andon_store::Stats;

claims![
    an_empty_board_counts_nothing,
    archived_tasks_are_not_counted,
    counts_by_status_hold_archived_tasks_and_no_zeros,
    assignees_are_counted_apart_by_name,
    statuses_come_in_their_own_order_and_not_by_their_words,
    s35_the_oldest_ready_task_is_told_by_when_it_became_ready,
    a_clock_that_is_set_back_does_not_hide_when_a_task_became_ready,
    a_task_that_failed_waits_since_its_failure_whatever_it_was,
];

fn stats(board: &Board) -> Stats {
    board.store.stats().expect("counts can be read")
}

fn an_empty_board_counts_nothing(board: &Board) {
    assert_eq!(stats(board), Stats::default());
}

fn archived_tasks_are_not_counted(board: &Board) {
    let away = board.task("a").assigned("x").create();
    board.archive(&away);
    assert_eq!(stats(board), Stats::default());
}

fn counts_by_status_hold_archived_tasks_and_no_zeros(board: &Board) {
    let counts = || board.store.status_counts().expect("counts can be read");
    assert_eq!(counts(), []);
    for title in ["a", "b"] {
        let away = board.task(title).create();
        board.archive(&away);
    }
    board.task("c").create();
    board.task("d").claimed();
    let expected = [(Status::Ready, 1), (Status::Running, 1), (Status::Archived, 2)];
    assert_eq!(counts(), expected);
}

fn assignees_are_counted_apart_by_name(board: &Board) {
    board.task("a").assigned("y").create();
    board.task("b").assigned("x").claimed();
    board.task("c").assigned("x").create();
    board.task("d").create();
    let stats = stats(board);
    assert_eq!(stats.by_status, [(Status::Ready, 3), (Status::Running, 1)]);
    let names: Vec<_> = stats.by_assignee.iter().map(|counts| counts.assignee.clone()).collect();
    assert_eq!(names, [profile("x"), profile("y")]);
    assert_eq!(stats.by_assignee[0].counts, [(Status::Ready, 1), (Status::Running, 1)]);
}

fn statuses_come_in_their_own_order_and_not_by_their_words(board: &Board) {
    for begin in [Begin::Blocked, Begin::Triage, Begin::At(board.now() + Seconds(60))] {
        board.task("a").assigned("x").begins(begin).create();
    }
    let stats = stats(board);
    let expected = [(Status::Triage, 1), (Status::Scheduled, 1), (Status::Blocked, 1)];
    assert_eq!(stats.by_status, expected);
    assert_eq!(stats.by_assignee[0].counts, expected);
}

fn s35_the_oldest_ready_task_is_told_by_when_it_became_ready(board: &Board) {
    let parent = board.task("parent").claimed();
    board.task("child").after(&parent).create();
    assert_eq!(stats(board).oldest_ready, None);
    board.pass(500);
    board.complete(&parent);
    let ready = board.now();
    board.pass(500);
    board.task("younger").create();
    assert_eq!(stats(board).oldest_ready, Some(ready));
}

fn a_task_that_failed_waits_since_its_failure_whatever_it_was(board: &Board) {
    let ends = [
        Exit::Code(0),
        Exit::Code(1),
        Exit::Code(75),
        Exit::SpawnFailed("no".into()),
        Exit::Limit(Limit::Time { elapsed: Seconds(2), limit: Seconds(1) }),
        Exit::Limit(Limit::Idle { silent: Seconds(1) }),
    ];
    for exit in ends {
        let id = board.task("a").create();
        let run = board.start(&id);
        board.pass(500);
        board.done(verbs::finish(&id, run, exit.clone()));
        assert_eq!(stats(board).oldest_ready, Some(board.now()), "{exit}");
        board.complete(&id);
    }
}

fn a_clock_that_is_set_back_does_not_hide_when_a_task_became_ready(board: &Board) {
    let id = board.task("a").claimed();
    board.set_back(500);
    board.done(Reclaim { task: id, reason: None });
    assert_eq!(stats(board).oldest_ready, Some(board.now()));
}
