//! Wishes to end a run that meet a task which has moved on: they are carried out as far as they
//! still mean something.

use super::{accepted, events, kinds, outcome, status};
use crate::command::archive::Archive;
use crate::command::finish_run::{FinishRun, Seen};
use crate::event::NewEvent;
use crate::run::{Exit, OnExitZero, RunOutcome, StopTo, Termination, Usage};
use crate::table::sample::{NOW, RUN, kept, stopping, task_id, view, with};
use crate::task::Status;
use crate::transition::{Outcome, Write};
use crate::view::{Child, OtherParents, View};

fn finish() -> FinishRun {
    FinishRun {
        task: task_id(),
        run: RUN,
        seen: Seen::TreeGone,
        exit: Exit::Code(0),
        usage: Usage::default(),
        on_exit_zero: OnExitZero::Violates,
        tail: None,
        termination: Termination::default(),
    }
}

/// The end of a run was wished, and before it came the task moved: by the worker's own report,
/// which closed the run, or by another program, which did not.
fn moved_on(to: StopTo, now: Status) -> [View; 2] {
    let running = stopping(kept(view(Status::Running), Status::Ready), to);
    let open = View { run: running.run, ..view(now) };
    let mut closed = open.clone();
    let run = closed.run.as_mut().expect("there is one");
    (run.ended_at, run.outcome) = (Some(NOW), Some("completed".to_owned()));
    [open, closed]
}

#[test]
fn a_task_that_was_to_be_archived_is_archived_wherever_its_run_left_it() {
    for now in [Status::Done, Status::Blocked, Status::Todo, Status::Triage, Status::Ready] {
        for view in moved_on(StopTo::Archived, now) {
            let transition = accepted(&view, finish());
            let moved = Outcome::Moved { task: task_id(), to: Status::Archived };
            assert_eq!(transition.outcome, moved, "{now}");
            assert_eq!(status(&transition), Status::Archived);
            assert!(events(&transition).contains(&&NewEvent::Archived));
            let closed = view.run.is_some_and(|run| run.is_open()).then_some(RunOutcome::Reclaimed);
            assert_eq!(outcome(&transition), closed);
        }
    }
}

#[test]
fn a_wish_holds_for_no_later_run_and_no_other_wish_undoes_what_was_reported() {
    let recorded = Outcome::Recorded { task: task_id() };
    for to in [StopTo::Blocked, StopTo::Ready] {
        for view in moved_on(to, Status::Done) {
            assert_eq!(accepted(&view, finish()).outcome, recorded);
        }
    }
    for now in [Status::Running, Status::Archived] {
        let [_, closed] = moved_on(StopTo::Archived, now);
        let later = with(closed, |task| task.current_run = None);
        assert_eq!(accepted(&later, finish()).outcome, recorded);
    }
}

#[test]
fn archiving_a_resting_task_waits_for_no_run_that_another_program_left_open() {
    let leaked = kept(View { run: view(Status::Running).run, ..view(Status::Done) }, Status::Ready);
    let transition = accepted(&leaked, Archive { task: task_id() });
    assert_eq!(status(&transition), Status::Archived);
    assert_eq!(outcome(&transition), Some(RunOutcome::Reclaimed));
}

#[test]
fn a_task_that_is_linked_to_itself_is_not_set_free_by_its_own_end() {
    let mut view = view(Status::Todo);
    view.children =
        vec![Child { id: task_id(), status: Status::Todo, others: OtherParents::AllClosed }];
    let transition = accepted(&view, Archive { task: task_id() });
    assert_eq!(kinds(&transition), ["archived"]);
    let moves = |write: &Write| matches!(write, Write::SetStatus { .. });
    assert!(!transition.writes.iter().any(moves));
}
