//! Finishing a task.

use super::{accepted, closed, decide, events, hold, kinds, state};
use crate::command::complete::{Complete, Handoff};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::run::JsonText;
use crate::table::sample::{self, NOW, RUN, child_id, task_id, view, with};
use crate::task::{BlockKind, BlockMemory, Hold, Status};
use crate::text::METADATA_BYTES_MAX;
use crate::transition::{Outcome, Resting, RunRef, Write};
use crate::view::{Child, Known, OtherParents};

fn complete(summary: Option<&str>) -> Complete {
    Complete {
        task: task_id(),
        handoff: Handoff { summary: summary.map(str::to_owned), ..Handoff::default() },
        created_cards: Vec::new(),
        expected_run: None,
    }
}

#[test]
fn exactly_the_children_whose_other_parents_are_closed_become_ready() {
    let mut view = view(Status::Running);
    view.children.clear();
    let mut expected = Vec::new();
    for (n, status) in (0u32..).zip(Status::ALL) {
        for (m, others) in [(0, OtherParents::AllClosed), (100, OtherParents::SomeOpen)] {
            let id = TaskId::from_random(1_000 + n + m);
            if *status == Status::Todo && others == OtherParents::AllClosed {
                expected.push(id.clone());
            }
            view.children.push(Child { id, status: *status, others });
        }
    }
    let transition = accepted(&view, complete(None));
    let moved: Vec<TaskId> = transition
        .writes
        .iter()
        .filter_map(|write| match write {
            Write::SetStatus { task, from: Status::Todo, to: Resting::Ready } => Some(task.clone()),
            _other => None,
        })
        .collect();
    assert_eq!(moved, expected);
    assert_eq!(moved.len(), 1);
}

#[test]
fn a_promoted_child_has_its_event_in_the_same_transition() {
    let transition = accepted(&view(Status::Running), complete(None));
    let on_child = transition.writes.iter().any(|write| {
        matches!(write, Write::AddEvent { task, event, .. }
            if *task == child_id() && **event == NewEvent::Promoted)
    });
    assert!(on_child);
}

#[test]
fn completion_clears_failures_and_the_memory_of_blocks() {
    let view = with(view(Status::Running), |task| {
        task.consecutive_failures = 1;
        task.last_failure_error = Some("it crashed".to_owned());
        task.block = BlockMemory { kind: Some(BlockKind::Transient), recurrences: 1 };
        task.hold.not_before = Some(NOW);
    });
    let transition = accepted(&view, complete(None));
    let state = state(&transition);
    assert_eq!((state.failures, &state.last_error), (0, &None));
    assert_eq!(state.block, BlockMemory::default());
    assert_eq!(state.completed_at, Some(NOW));
    assert_eq!(hold(&transition), Some(&Hold::default()));
}

#[test]
fn the_result_stands_on_the_task_and_for_a_summary_where_there_is_none() {
    let handoff = Handoff { result: Some("42".to_owned()), ..Handoff::default() };
    let transition = accepted(&view(Status::Running), Complete { handoff, ..complete(None) });
    assert_eq!(state(&transition).result.as_deref(), Some("42"));
    assert_eq!(closed(&transition).and_then(|end| end.summary.as_deref()), Some("42"));
}

#[test]
fn b24_d30_a_summary_of_white_space_completes_and_hands_over_nothing() {
    let transition = accepted(&view(Status::Running), complete(Some(" \n\t ")));
    let summaries: Vec<_> = events(&transition)
        .into_iter()
        .filter_map(|event| match event {
            NewEvent::Completed { summary, .. } => Some(summary.clone()),
            _other => None,
        })
        .collect();
    assert_eq!(summaries, [None]);
}

#[test]
fn a_summary_of_white_space_hides_no_result() {
    let text = |text: &str| Some(text.to_owned());
    let handoff = Handoff { result: text("42"), summary: text(" \n"), ..Handoff::default() };
    let transition = accepted(&view(Status::Running), Complete { handoff, ..complete(None) });
    assert_eq!(closed(&transition).and_then(|end| end.summary.as_deref()), Some("42"));
}

#[test]
fn without_an_open_run_a_hand_off_becomes_a_closed_one_and_silence_does_not() {
    let added = |summary| {
        let transition = accepted(&view(Status::Ready), complete(summary));
        transition.writes.iter().any(|write| matches!(write, Write::SynthesizeRun { .. }))
    };
    assert!(added(Some("done by hand")));
    assert!(!added(None) && !added(Some(" \n")));
}

#[test]
fn the_completed_event_belongs_to_the_run_that_it_closes() {
    let transition = accepted(&view(Status::Running), complete(Some("all of it\nand more")));
    assert_eq!(
        closed(&transition).and_then(|end| end.summary.as_deref()),
        Some("all of it\nand more")
    );
    assert_eq!(closed(&transition).map(|end| end.closed_status()), Some("done"));
    let run = transition.writes.iter().find_map(|write| match write {
        Write::AddEvent { run, event, .. } if event.kind() == "completed" => *run,
        _other => None,
    });
    assert_eq!(run, Some(RunRef::Known(RUN)));
}

fn card(n: u32, created_by: Option<&str>, child_of_subject: bool) -> Known {
    let created_by = created_by.map(str::to_owned);
    Known { id: TaskId::from_random(n), status: Some(Status::Todo), created_by, child_of_subject }
}

#[test]
fn b23_a_card_counts_by_its_maker_or_as_a_child_whoever_made_it() {
    let own = task_id();
    let cards =
        [card(1, None, true), card(2, Some("worker"), false), card(3, Some(own.as_str()), false)];
    let mut view = view(Status::Running);
    view.known = cards.to_vec();
    let created_cards = cards.iter().map(|card| card.id.clone()).collect();
    let transition = accepted(&view, Complete { created_cards, ..complete(None) });
    assert_eq!(transition.outcome, Outcome::Moved { task: task_id(), to: Status::Done });
}

#[test]
fn a_card_without_a_trace_holds_the_completion_back_and_says_which() {
    let mut view = view(Status::Running);
    view.known = vec![card(1, None, false), card(2, Some("other"), false)];
    let missing = TaskId::from_random(3);
    let created_cards = vec![TaskId::from_random(1), TaskId::from_random(2), missing.clone()];
    let transition =
        accepted(&view, Complete { created_cards: created_cards.clone(), ..complete(None) });
    assert_eq!(transition.outcome, Outcome::HeldBack { task: task_id(), phantoms: created_cards });
    assert_eq!(kinds(&transition), ["completion_blocked_hallucination"]);
    assert_eq!(transition.writes.len(), 1, "nothing but the event is written");
}

#[test]
fn b23_a_stale_worker_writes_no_event_about_its_cards() {
    let command = Complete {
        created_cards: vec![TaskId::from_random(3)],
        expected_run: Some(crate::id::RunId(1)),
        ..complete(None)
    };
    let refused = decide(&view(Status::Running), command);
    assert!(matches!(refused, Err(Rejected::StaleRun { .. })));
}

#[test]
fn ids_in_prose_that_no_task_has_are_reported_and_hold_nothing_back() {
    let mut view = view(Status::Running);
    view.known = vec![card(1, None, false)];
    let text = "made t_00000001 and t_00000002 for t_00000010";
    let transition = accepted(&view, complete(Some(text)));
    let suspected = NewEvent::SuspectedReferences { phantom_refs: vec![TaskId::from_random(2)] };
    assert!(events(&transition).contains(&&suspected));
    assert_eq!(sample::task_id().as_str(), "t_00000010", "its own id is no suspect");
}

#[test]
fn metadata_is_bounded() {
    let metadata = |bytes: usize| Handoff {
        metadata: Some(JsonText("x".repeat(bytes))),
        ..Handoff::default()
    };
    let ask = |bytes| {
        let command = Complete { handoff: metadata(bytes), ..complete(None) };
        decide(&view(Status::Running), command).map(|_| ())
    };
    assert_eq!(ask(METADATA_BYTES_MAX), Ok(()));
    assert!(matches!(ask(METADATA_BYTES_MAX + 1), Err(Rejected::TooLong { .. })));
}
