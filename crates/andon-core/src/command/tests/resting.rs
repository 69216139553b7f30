//! Tasks at rest: what parking, releasing and waking keeps of them, and what it forgets.

use super::{accepted, events, hold, kinds, outcome, refused, state, status};
use crate::command::cancel::Cancel;
use crate::command::complete::{Complete, Handoff};
use crate::command::due::Due;
use crate::command::pause::{SetPause, Turn};
use crate::command::promote::Promote;
use crate::command::schedule::Schedule;
use crate::command::unblock::Unblock;
use crate::command::unlink::Unlink;
use crate::event::NewEvent;
use crate::policy::SPAN_MAX;
use crate::policy::retry::FailureCounts;
use crate::run::{JsonText, RunOutcome};
use crate::table::sample::{self, NOW, parent_id, task_id, view, waiting, with};
use crate::task::{Hold, PastParents, Status, Task};
use crate::time::{Seconds, Timestamp};
use crate::transition::{Outcome, RunRef, Transition, Write};
use crate::view::{LinkState, Pause, View};

/// Everything that can be held against a task.
fn held(past_parents: PastParents) -> impl Fn(&mut Task) {
    move |task| {
        task.consecutive_failures = 1;
        task.last_failure_error = Some("it crashed".to_owned());
        let failures = FailureCounts { crash: 1, ..FailureCounts::default() };
        let (not_before, due_at) = (Some(NOW), Some(NOW));
        task.hold = Hold { failures, not_before, due_at, past_parents };
    }
}

fn record(transition: &Transition) -> (i64, Option<&str>) {
    (state(transition).failures, state(transition).last_error.as_deref())
}

fn comments(transition: &Transition) -> Vec<&str> {
    let comments = transition.writes.iter().filter_map(|write| match write {
        Write::AddComment { body, .. } => Some(body.as_str()),
        _other => None,
    });
    comments.collect()
}

fn schedule(reason: Option<&str>, due_at: Option<Timestamp>) -> Schedule {
    let reason = reason.map(str::to_owned);
    Schedule { task: task_id(), reason, due_at, expected_run: None }
}

#[test]
fn a_task_that_is_parked_until_a_time_waits_for_nothing_else_and_keeps_its_record() {
    let past_parents = PastParents::Overruled;
    let due_at = Some(NOW + Seconds(60));
    let ready = with(view(Status::Ready), held(past_parents));
    let transition = accepted(&ready, schedule(Some("later"), due_at));
    let task = ready.task.as_ref().expect("there is one");
    let kept = Hold { due_at, not_before: None, ..task.hold.clone() };
    assert_eq!(hold(&transition), Some(&kept));
    assert_eq!(record(&transition), (1, Some("it crashed")));
    assert_eq!(comments(&transition), ["SCHEDULED: later"]);
    let event = NewEvent::Scheduled { reason: Some("later".to_owned()), due_at };
    assert!(events(&transition).contains(&&event));
}

#[test]
fn a_blank_reason_says_nothing() {
    let parked = accepted(&view(Status::Ready), schedule(Some(" \t"), None));
    assert_eq!(kinds(&parked), ["scheduled"]);
    let reason = Some(" \n".to_owned());
    let released = accepted(&view(Status::Blocked), Unblock { task: task_id(), reason });
    assert_eq!(kinds(&released), ["unblocked"]);
}

#[test]
fn a_due_time_lies_after_now_and_within_a_year() {
    let ask = |due: Timestamp| schedule(None, Some(due));
    for due in [NOW, Timestamp(NOW.0 - 1), NOW + SPAN_MAX + Seconds(1)] {
        assert_eq!(refused(&view(Status::Ready), ask(due)), "invalid_field");
    }
    for due in [NOW + Seconds(1), NOW + SPAN_MAX] {
        accepted(&view(Status::Ready), ask(due));
    }
}

#[test]
fn unblocking_and_promoting_forget_failures_and_keep_a_promotion_past_the_parents() {
    let past_parents = PastParents::Overruled;
    let blocked = with(view(Status::Blocked), held(past_parents));
    let reason = Some("answered".to_owned());
    let released = accepted(&blocked, Unblock { task: task_id(), reason });
    assert_eq!(record(&released), (0, None));
    assert_eq!(hold(&released), Some(&Hold { past_parents, ..Hold::default() }));
    assert_eq!(comments(&released), ["UNBLOCK: answered"]);
    let promote = Promote { task: task_id(), reason: None, parents: PastParents::Wait };
    let promoted = accepted(&blocked, promote);
    assert_eq!(record(&promoted), (0, None));
    assert_eq!(hold(&promoted), Some(&Hold { past_parents, ..Hold::default() }));
}

#[test]
fn force_is_remembered_only_where_a_parent_was_open() {
    let promote = || Promote { task: task_id(), reason: None, parents: PastParents::Overruled };
    let past = accepted(&waiting(view(Status::Todo)), promote());
    let overruled = Hold { past_parents: PastParents::Overruled, ..Hold::default() };
    assert_eq!(hold(&past), Some(&overruled));
    let free = accepted(&view(Status::Todo), promote());
    assert_eq!(hold(&free), None, "there was nothing to go past");
    for transition in [past, free] {
        let told: Vec<bool> = events(&transition)
            .into_iter()
            .filter_map(|event| match event {
                NewEvent::PromotedManual { forced, .. } => Some(*forced),
                _other => None,
            })
            .collect();
        assert_eq!(told, [true]);
    }
}

#[test]
fn waking_forgets_the_time_and_nothing_else() {
    let scheduled = with(view(Status::Scheduled), held(PastParents::Wait));
    let woken = accepted(&scheduled, Due { task: task_id() });
    let task = scheduled.task.as_ref().expect("there is one");
    assert_eq!(hold(&woken), Some(&Hold { due_at: None, ..task.hold.clone() }));
    assert_eq!(record(&woken), (1, Some("it crashed")));
    let timeless = with(view(Status::Scheduled), |task| task.hold.due_at = None);
    assert_eq!(refused(&timeless, Due { task: task_id() }), "nothing_to_do");
}

#[test]
fn a_run_that_another_program_left_open_on_a_resting_task_is_closed_with_whatever_moves_it() {
    let leaked = |status| View { run: sample::view(Status::Running).run, ..view(status) };
    let promote = Promote { task: task_id(), reason: None, parents: PastParents::Wait };
    for transition in [
        accepted(&leaked(Status::Blocked), Unblock { task: task_id(), reason: None }),
        accepted(&leaked(Status::Todo), promote),
        accepted(&leaked(Status::Scheduled), Due { task: task_id() }),
    ] {
        assert_eq!(outcome(&transition), Some(RunOutcome::Reclaimed));
    }
}

#[test]
fn data_alone_is_something_to_hand_over() {
    let metadata = Some(JsonText("{}".to_owned()));
    let handoff = Handoff { metadata: metadata.clone(), ..Handoff::default() };
    let command =
        Complete { task: task_id(), handoff, created_cards: Vec::new(), expected_run: None };
    let transition = accepted(&view(Status::Ready), command);
    let added = transition.writes.iter().find_map(|write| match write {
        Write::SynthesizeRun { end, .. } => Some(&end.metadata),
        _other => None,
    });
    assert_eq!(added, Some(&metadata));
    let run = transition.writes.iter().find_map(|write| match write {
        Write::AddEvent { run, event, .. } if event.kind() == "completed" => *run,
        _other => None,
    });
    assert_eq!(run, Some(RunRef::New));
}

#[test]
fn a_cancelled_run_is_told_twice_once_for_the_peer() {
    let cancelled =
        accepted(&view(Status::Running), Cancel { task: task_id(), reason: Some("no".into()) });
    assert_eq!(status(&cancelled), Status::Blocked);
    assert_eq!(kinds(&cancelled), ["cancelled", "blocked"]);
    let closed = super::closed(&cancelled).and_then(|end| end.error.as_deref());
    assert_eq!(closed, Some("cancelled by somebody: no"));
    let silent = accepted(&view(Status::Running), Cancel { task: task_id(), reason: None });
    let closed = super::closed(&silent).and_then(|end| end.error.as_deref());
    assert_eq!(closed, Some("cancelled by somebody"));
}

#[test]
fn a_pause_names_who_and_when_and_ends_once() {
    let reason = Some("lunch".to_owned());
    let pause = || SetPause { turn: Turn::Pause { reason: reason.clone() } };
    let resume = || SetPause { turn: Turn::Resume };
    let set = Pause { by: "somebody".to_owned(), reason: reason.clone(), at: NOW };
    let paused = View { paused: Some(set.clone()), ..View::default() };
    let begun = accepted(&View::default(), pause());
    assert_eq!(
        (begun.writes, begun.outcome),
        (vec![Write::SetPause(Some(set))], Outcome::PauseSet)
    );
    let ended = accepted(&paused, resume());
    assert_eq!((ended.writes, ended.outcome), (vec![Write::SetPause(None)], Outcome::PauseSet));
    assert_eq!(accepted(&paused, pause()).outcome, Outcome::Unchanged);
    assert_eq!(accepted(&View::default(), resume()).outcome, Outcome::Unchanged);
}

#[test]
fn unlinking_the_last_open_parent_releases_a_waiting_child_and_no_other() {
    let unlinked = |status, parent, count| {
        let mut view = sample::beside(view(status), parent_id(), parent);
        view.link = LinkState::Present;
        view.open_parents.count = count;
        let transition = accepted(&view, Unlink { parent: parent_id(), child: task_id() });
        kinds(&transition).contains(&"promoted")
    };
    assert!(unlinked(Status::Todo, Status::Ready, 1));
    assert!(unlinked(Status::Todo, Status::Done, 0));
    assert!(!unlinked(Status::Blocked, Status::Ready, 1));
    let absent = Unlink { parent: parent_id(), child: task_id() };
    assert_eq!(refused(&view(Status::Todo), absent), "not_linked");
}
