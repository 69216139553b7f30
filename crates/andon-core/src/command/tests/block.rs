//! Blocking, and the breaker of loops.

use super::{accepted, events, hold, kinds, outcome, refused, state, status};
use crate::command::block::Block;
use crate::command::unblock::Unblock;
use crate::event::NewEvent;
use crate::run::RunOutcome;
use crate::table::sample::{task_id, view, waiting, with};
use crate::task::{BlockKind, BlockMemory, PastParents, Status};
use crate::transition::Write;

fn block(kind: Option<BlockKind>, reason: Option<&str>) -> Block {
    let reason = reason.map(str::to_owned);
    Block { task: task_id(), reason, kind, expected_run: None }
}

fn remembered(kind: Option<BlockKind>, recurrences: i64) -> crate::view::View {
    with(view(Status::Running), |task| task.block = BlockMemory { kind, recurrences })
}

#[test]
fn the_first_block_of_a_kind_is_for_a_person_and_the_second_is_a_loop() {
    let kind = Some(BlockKind::NeedsInput);
    assert_eq!(status(&accepted(&view(Status::Running), block(kind, None))), Status::Blocked);
    let again = accepted(&remembered(kind, 1), block(kind, None));
    assert_eq!(status(&again), Status::Triage);
    assert_eq!(state(&again).block, BlockMemory { kind, recurrences: 2 });
    assert_eq!(kinds(&again), ["block_loop_detected"]);
}

#[test]
fn another_kind_begins_the_count_anew() {
    let view = remembered(Some(BlockKind::NeedsInput), 1);
    let transition = accepted(&view, block(Some(BlockKind::Capability), None));
    assert_eq!(status(&transition), Status::Blocked);
    assert_eq!(state(&transition).block.recurrences, 1);
}

#[test]
fn blocks_without_a_kind_are_counted_like_a_kind() {
    let transition = accepted(&remembered(None, 1), block(None, None));
    assert_eq!(status(&transition), Status::Triage);
    let first = accepted(&view(Status::Running), block(None, None));
    assert_eq!(state(&first).block.recurrences, 1);
}

#[test]
fn unblocking_does_not_clear_the_memory_of_the_loop() {
    let memory = BlockMemory { kind: Some(BlockKind::Transient), recurrences: 1 };
    let view = with(view(Status::Blocked), |task| task.block = memory);
    let transition = accepted(&view, Unblock { task: task_id(), reason: None });
    assert_eq!(state(&transition).block, memory);
}

#[test]
fn d10_s7_a_dependency_block_without_an_open_parent_is_refused() {
    let dependency = block(Some(BlockKind::Dependency), None);
    assert_eq!(refused(&view(Status::Running), dependency), "nothing_to_wait_for");
}

#[test]
fn a_dependency_block_waits_for_the_parents_and_counts_no_loop() {
    let dependency = block(Some(BlockKind::Dependency), None);
    let view = with(waiting(view(Status::Running)), |task| {
        task.block.recurrences = 1;
        task.hold.past_parents = PastParents::Overruled;
    });
    let transition = accepted(&view, dependency);
    assert_eq!(status(&transition), Status::Todo);
    assert_eq!(state(&transition).block.recurrences, 1);
    let past = hold(&transition).map(|hold| hold.past_parents);
    assert_eq!(past, Some(PastParents::Wait), "the promotion past the parents is taken back");
}

#[test]
fn block_from_running_ends_the_run_with_the_reason() {
    let transition = accepted(&view(Status::Running), block(None, Some("which of the two?")));
    assert_eq!(outcome(&transition), Some(RunOutcome::Blocked));
    let reasons: Vec<_> = events(&transition)
        .into_iter()
        .filter_map(|event| match event {
            NewEvent::Blocked { reason, .. } => reason.clone(),
            _other => None,
        })
        .collect();
    assert_eq!(reasons, ["which of the two?"]);
}

#[test]
fn s19_the_reason_is_a_comment_of_the_same_transition() {
    let transition = accepted(&view(Status::Running), block(None, Some("why")));
    let comments: Vec<_> = transition
        .writes
        .iter()
        .filter_map(|write| match write {
            Write::AddComment { body, .. } => Some(body.as_str()),
            _other => None,
        })
        .collect();
    assert_eq!(comments, ["BLOCKED: why"]);
    let silent = accepted(&view(Status::Running), block(None, Some("  ")));
    assert_eq!(kinds(&silent), ["blocked"], "a blank reason says nothing");
}
