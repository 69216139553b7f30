//! All or nothing: what is refused or only previewed changes nothing.

use super::claims;
use crate::fixture::{Board, verbs};
use crate::snapshot;
use andon_core::id::TaskId;
use andon_core::task::Status;
use andon_core::transition::Outcome;

claims![
    a_refusal_changes_nothing,
    a_preview_answers_and_changes_nothing,
    a_completion_held_back_writes_its_event_and_nothing_else,
    a_completion_and_its_consequences_are_one_change,
];

fn a_refusal_changes_nothing(board: &Board) {
    let parent = board.task("parent").create();
    let id = board.task("a").after(&parent).create();
    let before = snapshot::whole(&*board.store);
    board.refused(verbs::claim(&id));
    board.refused(verbs::complete(&id));
    board.refused(verbs::heartbeat(&parent, None));
    board.refused(verbs::complete(&TaskId::from_random(0xdead)));
    assert_eq!(snapshot::whole(&*board.store), before);
}

fn a_preview_answers_and_changes_nothing(board: &Board) {
    let id = board.task("a").create();
    let before = snapshot::whole(&*board.store);
    let request = board.request(verbs::complete(&id));
    let would = board.store.preview(&request);
    assert_eq!(would, Ok(Outcome::Moved { task: id, to: Status::Done }));
    assert_eq!(snapshot::whole(&*board.store), before);
    let done = board.store.apply(request).map(|applied| applied.outcome);
    assert_eq!(done, would);
}

fn a_completion_held_back_writes_its_event_and_nothing_else(board: &Board) {
    let id = board.task("a").claimed();
    let before = board.get(&id);
    let mut complete = verbs::complete(&id);
    complete.created_cards = vec![TaskId::from_random(0xdead)];
    let held = board.done(complete);
    assert!(matches!(held.outcome, Outcome::HeldBack { .. }));
    assert_eq!(board.get(&id), before);
    let kinds = board.kinds(&id);
    assert_eq!(kinds, ["created", "claimed", "completion_blocked_hallucination"]);
}

fn a_completion_and_its_consequences_are_one_change(board: &Board) {
    let parent = board.task("parent").claimed();
    let children: Vec<TaskId> =
        (0..3).map(|_| board.task("child").after(&parent).create()).collect();
    let applied = board.done(verbs::complete(&parent));
    assert!(children.iter().all(|child| board.status(child) == Status::Ready));
    assert_eq!(board.store.event_last(), Ok(applied.event), "nothing follows in a second change");
}
