//! Links: who waits for whom.

use super::claims;
use crate::fixture::{Board, verbs};
use andon_core::command::link::Link;
use andon_core::command::promote::Promote;
use andon_core::id::TaskId;
use andon_core::task::{BlockKind, PastParents, Status};
use andon_core::transition::Outcome;
use andon_core::view::OPEN_PARENTS_NAMED;

claims![
    the_last_parent_to_finish_releases_the_child,
    archiving_a_parent_releases_the_child,
    a_link_to_an_open_parent_takes_a_ready_child_back,
    unlinking_the_last_open_parent_releases_the_child,
    a_circle_is_refused_however_long,
    a_diamond_is_no_circle,
    neighbours_come_by_id,
    many_open_parents_are_named_in_part,
    s13_a_finished_or_archived_parent_holds_nobody_back,
    d9_a_promotion_by_force_reaches_the_claim,
    a_dependency_block_waits_for_the_parent,
];

fn the_last_parent_to_finish_releases_the_child(board: &Board) {
    let (a, b) = (board.task("a").create(), board.task("b").create());
    let child = board.task("child").after(&a).after(&b).create();
    let other = board.task("other").after(&a).create();
    board.complete(&a);
    assert_eq!((board.status(&child), board.status(&other)), (Status::Todo, Status::Ready));
    board.complete(&b);
    assert_eq!(board.status(&child), Status::Ready);
    assert_eq!(board.kinds(&child), ["created", "promoted"]);
}

fn archiving_a_parent_releases_the_child(board: &Board) {
    let parent = board.task("parent").create();
    let child = board.task("child").after(&parent).create();
    board.archive(&parent);
    assert_eq!(board.status(&child), Status::Ready);
}

fn a_link_to_an_open_parent_takes_a_ready_child_back(board: &Board) {
    let (parent, child) = (board.task("parent").create(), board.task("child").create());
    board.link(&parent, &child);
    assert_eq!(board.status(&child), Status::Todo);
    let again = board.done(Link { parent: parent.clone(), child: child.clone() });
    assert_eq!((again.outcome, again.event), (Outcome::Unchanged, None));
}

fn unlinking_the_last_open_parent_releases_the_child(board: &Board) {
    let (a, b) = (board.task("a").create(), board.task("b").create());
    let child = board.task("child").after(&a).after(&b).create();
    board.unlink(&a, &child);
    assert_eq!(board.status(&child), Status::Todo);
    board.unlink(&b, &child);
    assert_eq!(board.status(&child), Status::Ready);
    assert_eq!(board.store.links(&child).map(|ends| ends.parents), Ok(Vec::new()));
}

fn a_circle_is_refused_however_long(board: &Board) {
    let first = board.task("first").create();
    let mut last = first.clone();
    for _ in 0..20 {
        last = board.task("next").after(&last).create();
    }
    let closing = Link { parent: last.clone(), child: first.clone() };
    assert_eq!(board.refused(closing).code(), "cycle");
    let itself = Link { parent: first.clone(), child: first };
    assert_eq!(board.refused(itself).code(), "self_link");
}

fn a_diamond_is_no_circle(board: &Board) {
    let top = board.task("top").create();
    let left = board.task("left").after(&top).create();
    let right = board.task("right").after(&top).create();
    let bottom = board.task("bottom").after(&left).after(&right).create();
    board.link(&top, &bottom);
    assert_eq!(board.status(&bottom), Status::Todo);
}

fn neighbours_come_by_id(board: &Board) {
    let mut parents: Vec<TaskId> = (0..5).map(|_| board.task("parent").create()).collect();
    let child =
        parents.iter().fold(board.task("child"), |draft, parent| draft.after(parent)).create();
    parents.sort();
    assert_eq!(board.store.links(&child).map(|ends| ends.parents), Ok(parents.clone()));
    let children = board.store.links(&parents[0]).map(|ends| ends.children);
    assert_eq!(children, Ok(vec![child]));
}

fn many_open_parents_are_named_in_part(board: &Board) {
    let mut parents: Vec<TaskId> =
        (0..OPEN_PARENTS_NAMED + 3).map(|_| board.task("parent").create()).collect();
    let child =
        parents.iter().fold(board.task("child"), |draft, parent| draft.after(parent)).create();
    parents.sort();
    let open = board.store.open_parents(&child).expect("parents can be read");
    assert_eq!(open.named, parents[..OPEN_PARENTS_NAMED]);
    assert_eq!(open.count, OPEN_PARENTS_NAMED + 3, "all are counted");
}

fn s13_a_finished_or_archived_parent_holds_nobody_back(board: &Board) {
    let (done, archived) = (board.task("done").create(), board.task("archived").create());
    board.complete(&done);
    board.archive(&archived);
    let child = board.task("child").after(&done).after(&archived).create();
    assert_eq!(board.status(&child), Status::Ready);
    let late = board.task("late").create();
    board.link(&archived, &late);
    assert_eq!(board.status(&late), Status::Ready);
    assert!(matches!(board.done(verbs::claim(&late)).outcome, Outcome::Claimed { .. }));
}

fn d9_a_promotion_by_force_reaches_the_claim(board: &Board) {
    let parent = board.task("parent").create();
    let child = board.task("child").after(&parent).create();
    let by = |parents| Promote { task: child.clone(), reason: None, parents };
    assert_eq!(board.refused(by(PastParents::Wait)).code(), "open_parents");
    board.done(by(PastParents::Overruled));
    board.claim(&child);
    assert_eq!(board.status(&child), Status::Running);
}

fn a_dependency_block_waits_for_the_parent(board: &Board) {
    let parent = board.task("parent").create();
    let child = board.task("child").claimed();
    let blocked = verbs::block(&child, BlockKind::Dependency);
    assert_eq!(board.refused(blocked.clone()).code(), "nothing_to_wait_for");
    board.link(&parent, &child);
    board.done(blocked);
    assert_eq!(board.status(&child), Status::Todo);
    board.complete(&parent);
    assert_eq!(board.status(&child), Status::Ready);
}
