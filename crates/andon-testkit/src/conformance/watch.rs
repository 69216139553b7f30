//! Watching: a commit is seen once.

use super::claims;
use crate::fixture::{Board, verbs};

claims![a_commit_is_seen_once, a_refusal_is_no_commit, each_watcher_sees_for_itself];

fn a_commit_is_seen_once(board: &Board) {
    let mut watch = board.store.watch().expect("a board can be watched");
    board.task("a").create();
    assert_eq!(watch.changed(), Ok(true));
    assert_eq!(watch.changed(), Ok(false));
}

fn a_refusal_is_no_commit(board: &Board) {
    let id = board.task("a").claimed();
    let mut watch = board.store.watch().expect("a board can be watched");
    assert_eq!(watch.changed(), Ok(false));
    board.refused(verbs::claim(&id));
    assert_eq!(watch.changed(), Ok(false));
}

fn each_watcher_sees_for_itself(board: &Board) {
    let mut first = board.store.watch().expect("a board can be watched");
    board.task("a").create();
    let mut second = board.store.watch().expect("a board can be watched");
    assert_eq!(second.changed(), Ok(false), "it began after the commit");
    assert_eq!(first.changed(), Ok(true));
    board.task("b").create();
    assert_eq!((first.changed(), second.changed()), (Ok(true), Ok(true)));
}
