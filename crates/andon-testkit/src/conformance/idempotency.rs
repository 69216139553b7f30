//! Keys: a repeated create finds the task instead of making another.

use super::claims;
use crate::fixture::Board;
use andon_core::task::Status;
use andon_core::transition::Outcome;

claims![
    the_same_key_finds_the_same_task_and_writes_nothing,
    a_key_is_the_same_with_blanks_around_it,
    an_archived_task_frees_its_key,
    a_blank_key_is_none,
];

fn the_same_key_finds_the_same_task_and_writes_nothing(board: &Board) {
    let id = board.task("a").key("key").create();
    let before = board.store.event_last();
    let found = board.done(board.task("b").key("key").priority(9).command());
    assert_eq!(found.outcome, Outcome::Existing { task: id.clone(), status: Status::Ready });
    assert_eq!((found.event, board.store.event_last()), (None, before));
    board.complete(&id);
    let done = board.done(board.task("c").key("key").command());
    assert_eq!(done.outcome, Outcome::Existing { task: id.clone(), status: Status::Done });
    assert_eq!(board.get(&id).title, "a");
}

fn a_key_is_the_same_with_blanks_around_it(board: &Board) {
    let id = board.task("a").key(" key ").create();
    for key in ["key", " key ", "key\t"] {
        let found = board.done(board.task("b").key(key).command());
        assert_eq!(found.outcome, Outcome::Existing { task: id.clone(), status: Status::Ready });
    }
}

fn an_archived_task_frees_its_key(board: &Board) {
    let first = board.task("a").key("key").create();
    board.archive(&first);
    let second = board.task("b").key("key").create();
    assert_ne!(first, second);
    let found = board.done(board.task("c").key("key").command());
    assert_eq!(found.outcome, Outcome::Existing { task: second, status: Status::Ready });
}

fn a_blank_key_is_none(board: &Board) {
    assert_ne!(board.task("a").key(" ").create(), board.task("b").key(" ").create());
}
