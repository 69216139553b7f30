//! The end of a run: every exit, with and without a wish to end it.

use super::{accepted, closed, decide_with, events, hold, kinds, outcome, state, status};
use crate::command::cancel::Cancel;
use crate::command::expire::{Evidence, Expire};
use crate::command::finish_run::{FinishRun, RATE_LIMIT_EXIT, Seen};
use crate::command::reclaim::Reclaim;
use crate::event::NewEvent;
use crate::policy::Policy;
use crate::policy::retry::{Cause, FailureCounts, RetryPolicy};
use crate::run::{Exit, Limit, OnExitZero, RunOutcome, StopTo, Termination, Usage};
use crate::table::sample::{
    NOW, RUN, dispatched, kept, lapsed, stopping, task_id, view, waiting, with,
};
use crate::task::{BlockKind, BlockMemory, Status};
use crate::time::Seconds;
use crate::transition::{Outcome, Transition, Write};
use crate::view::View;

fn finish(exit: Exit) -> FinishRun {
    FinishRun {
        task: task_id(),
        run: RUN,
        seen: Seen::TreeGone,
        exit,
        usage: Usage::default(),
        on_exit_zero: OnExitZero::Violates,
        tail: None,
        termination: Termination::default(),
    }
}

fn running() -> View {
    kept(view(Status::Running), Status::Ready)
}

fn time_limit() -> Exit {
    Exit::Limit(Limit::Time { elapsed: Seconds(61), limit: Seconds(60) })
}

/// Every way to end, with the cause that counts it, its outcome and its event.
fn failures() -> Vec<(Exit, Cause, RunOutcome, &'static str)> {
    let memory = Limit::Memory { used_kb: 2, limit_kb: 1 };
    let cpu = Limit::Cpu { limit: Seconds(1) };
    let idle = Limit::Idle { silent: Seconds(9) };
    vec![
        (Exit::Code(0), Cause::Protocol, RunOutcome::Crashed, "protocol_violation"),
        (Exit::Code(1), Cause::Crash, RunOutcome::Crashed, "crashed"),
        (Exit::Code(RATE_LIMIT_EXIT), Cause::RateLimit, RunOutcome::RateLimited, "rate_limited"),
        (Exit::Signal(9), Cause::Crash, RunOutcome::Crashed, "crashed"),
        (Exit::Lost("gone".into()), Cause::Crash, RunOutcome::Crashed, "crashed"),
        (Exit::Limit(memory), Cause::Crash, RunOutcome::Crashed, "crashed"),
        (Exit::Limit(cpu), Cause::Crash, RunOutcome::Crashed, "crashed"),
        (time_limit(), Cause::Timeout, RunOutcome::TimedOut, "timed_out"),
        (Exit::Limit(idle), Cause::Stale, RunOutcome::Stale, "stale"),
        (Exit::SpawnFailed("no".into()), Cause::Spawn, RunOutcome::SpawnFailed, "spawn_failed"),
    ]
}

#[test]
fn each_exit_counts_for_its_cause_and_the_task_is_tried_again_later() {
    for (exit, cause, end, event) in failures() {
        let transition = accepted(&running(), finish(exit.clone()));
        assert_eq!(status(&transition), Status::Ready, "{exit}");
        assert_eq!(outcome(&transition), Some(end), "{exit}");
        assert_eq!(closed(&transition).map(|end| end.closed_status()), Some(end.word()), "{exit}");
        assert_eq!(kinds(&transition), [event], "{exit}");
        let hold = hold(&transition).expect("a failure is remembered");
        assert_eq!(hold.failures, FailureCounts::default().plus(cause), "{exit}");
        assert!(hold.not_before > Some(NOW), "{exit}");
        let counted = i64::from(cause.counts_for_peer());
        assert_eq!(state(&transition).failures, counted, "{exit}");
    }
}

#[test]
fn what_is_not_the_tasks_fault_is_not_counted_against_it() {
    let interrupted = Exit::Interrupted("its dispatcher died".into());
    let transition = accepted(&running(), finish(interrupted));
    assert_eq!(status(&transition), Status::Ready);
    assert_eq!(outcome(&transition), Some(RunOutcome::Reclaimed));
    assert_eq!(kinds(&transition), ["reclaimed"]);
    assert_eq!(hold(&transition), None, "no failure is remembered, and nothing waits");
    assert_eq!(state(&transition).failures, 0);
}

#[test]
fn d7_the_words_of_a_failure_decide_nothing() {
    let tail =
        Some("author: pid 429 answered 403 Unauthorized\nsee https://host/pull/1".to_owned());
    let ended = accepted(&running(), FinishRun { tail, ..finish(Exit::Code(1)) });
    assert_eq!((status(&ended), outcome(&ended)), (Status::Ready, Some(RunOutcome::Crashed)));
    let hold = hold(&ended).expect("a failure is counted");
    assert_eq!(hold.failures, FailureCounts::default().plus(Cause::Crash));
    assert!(hold.not_before.is_some(), "it is tried again by itself");
}

#[test]
fn a_rate_limit_does_not_count_for_the_peer() {
    let transition = accepted(&running(), finish(Exit::Code(RATE_LIMIT_EXIT)));
    assert_eq!(state(&transition).failures, 0);
    assert_eq!(hold(&transition).map(|hold| hold.failures.rate_limit), Some(1));
}

#[test]
fn exit_zero_completes_only_where_the_profile_says_so() {
    let said = |on_exit_zero, code| {
        status(&accepted(&running(), FinishRun { on_exit_zero, ..finish(Exit::Code(code)) }))
    };
    assert_eq!(said(OnExitZero::Completes, 0), Status::Done);
    assert_eq!(said(OnExitZero::Violates, 0), Status::Ready);
    assert_eq!(said(OnExitZero::Completes, 1), Status::Ready);
}

#[test]
fn a_clean_exit_looks_up_the_tasks_that_its_last_words_name() {
    let tail = Some("made t_00000001".to_owned());
    let on_exit_zero = OnExitZero::Completes;
    let command =
        crate::command::Command::from(FinishRun { tail, on_exit_zero, ..finish(Exit::Code(0)) });
    assert_eq!(command.needs().known.len(), 1);
}

fn wishes() -> [(StopTo, Status); 3] {
    [
        (StopTo::Blocked, Status::Blocked),
        (StopTo::Ready, Status::Ready),
        (StopTo::Archived, Status::Archived),
    ]
}

#[test]
fn a_wish_to_end_decides_whatever_the_exit_was() {
    for (to, expected) in wishes() {
        let ways = failures().into_iter().map(|(exit, ..)| (exit, OnExitZero::Violates));
        for (exit, on_exit_zero) in ways.chain([(Exit::Code(0), OnExitZero::Completes)]) {
            let command = FinishRun { on_exit_zero, ..finish(exit) };
            let transition = accepted(&stopping(running(), to), command);
            assert_eq!(status(&transition), expected);
            assert_eq!(state(&transition).failures, 0, "ending on purpose is no failure");
        }
    }
}

#[test]
fn a_wish_to_end_holds_even_if_the_runner_dies() {
    let evidence = Evidence::Gone(Termination::default());
    for (to, expected) in wishes() {
        let expire = Expire { task: task_id(), run: Some(RUN), evidence };
        let transition = accepted(&lapsed(stopping(running(), to)), expire);
        assert_eq!(status(&transition), expected);
    }
}

#[test]
fn d1_b15_the_breaker_blocks_with_an_event_that_makes_it_hold() {
    let failed = |cause: Cause, limit: u32| {
        with(running(), |task| {
            let counts = task.hold.failures;
            task.hold.failures = (1..limit).fold(counts, |counts, _| counts.plus(cause));
        })
    };
    let policy = RetryPolicy::default();
    for (exit, cause, ..) in failures() {
        let view = failed(cause, policy.rule(cause).limit);
        let transition = accepted(&view, finish(exit.clone()));
        assert_eq!(status(&transition), Status::Blocked, "{exit}");
        assert_eq!(kinds(&transition).last(), Some(&"blocked"), "{exit}");
        assert!(kinds(&transition).contains(&"gave_up"), "{exit}");
        assert_eq!(hold(&transition).and_then(|hold| hold.not_before), None);
    }
}

/// Failures of one cause until the breaker opens.
fn attempts(exit: &Exit, policy: &Policy) -> u32 {
    let mut counts = FailureCounts::default();
    for attempt in 1..100 {
        let view = with(running(), |task| task.hold.failures = counts);
        let transition = decide_with(&view, finish(exit.clone()), policy).expect("it is open");
        if status(&transition) == Status::Blocked {
            return attempt;
        }
        counts = hold(&transition).expect("a failure is remembered").failures;
    }
    unreachable!("the breaker never opened")
}

#[test]
fn d2_configured_limits_hold_for_crashes_and_timeouts() {
    for limit in [1, 2, 5] {
        let mut policy = Policy::default();
        policy.retry.crash.limit = limit;
        policy.retry.timeout.limit = limit;
        assert_eq!(attempts(&Exit::Code(1), &policy), limit);
        assert_eq!(attempts(&time_limit(), &policy), limit);
    }
}

#[test]
fn mixed_failures_meet_the_total_and_the_event_names_it() {
    let mut policy = Policy::default();
    policy.retry.total_limit = 3;
    let mixed = FailureCounts { rate_limit: 1, stale: 1, ..FailureCounts::default() };
    let view = with(running(), |task| task.hold.failures = mixed);
    let transition = decide_with(&view, finish(Exit::Code(1)), &policy).expect("it is open");
    assert_eq!(status(&transition), Status::Blocked);
    let gave_up = events(&transition).into_iter().find_map(|event| match event {
        NewEvent::GaveUp { failures, effective_limit, limit_source, .. } => {
            Some((*failures, *effective_limit, *limit_source))
        }
        _other => None,
    });
    assert_eq!(gave_up, Some((3, 3, "total")));
}

#[test]
fn b19_a_review_that_fails_or_is_reclaimed_returns_to_review() {
    let review = || kept(view(Status::Running), Status::Review);
    assert_eq!(status(&accepted(&review(), finish(Exit::Code(1)))), Status::Review);
    let by_hand = dispatched(view(Status::Running), Status::Review);
    let reclaim = Reclaim { task: task_id(), reason: None };
    assert_eq!(status(&accepted(&by_hand, reclaim)), Status::Review);
}

#[test]
fn a_run_returns_behind_a_parent_that_was_added_meanwhile() {
    let failed = accepted(&waiting(running()), finish(Exit::Code(1)));
    assert_eq!(status(&failed), Status::Todo);
}

#[test]
fn the_memory_of_blocks_outlives_a_failure() {
    let memory = BlockMemory { kind: Some(BlockKind::Transient), recurrences: 1 };
    let view = with(running(), |task| task.block = memory);
    assert_eq!(state(&accepted(&view, finish(Exit::Code(1)))).block, memory);
}

fn trees_gone(transition: &Transition) -> usize {
    transition.writes.iter().filter(|write| matches!(write, Write::TreeGone { .. })).count()
}

#[test]
fn a_run_that_its_worker_closed_is_only_confirmed_gone() {
    let mut view = kept(view(Status::Done), Status::Ready);
    view.run = running().run;
    if let Some(run) = &mut view.run {
        run.ended_at = Some(NOW);
    }
    let transition = accepted(&view, finish(Exit::Code(0)));
    assert_eq!((transition.writes.len(), trees_gone(&transition)), (1, 1));
}

#[test]
fn a_report_that_comes_twice_changes_nothing() {
    let mut view = view(Status::Done);
    view.run = running().run;
    if let Some(run) = &mut view.run {
        run.ended_at = Some(NOW);
        run.keeper.as_mut().expect("it is kept").gone_at = Some(NOW);
    }
    assert_eq!(accepted(&view, finish(Exit::Code(0))).outcome, Outcome::Unchanged);
}

#[test]
fn cancel_asks_the_runner_if_there_is_one_and_parks_the_task_if_not() {
    let cancel = || Cancel { task: task_id(), reason: Some("enough".into()) };
    let asked = accepted(&running(), cancel());
    assert_eq!(asked.outcome, Outcome::Stopping { task: task_id(), run: RUN });
    assert!(matches!(asked.writes.as_slice(), [Write::RequestStop { .. }]));

    let by_hand = accepted(&view(Status::Running), cancel());
    assert_eq!(status(&by_hand), Status::Blocked);
    assert_eq!(outcome(&by_hand), Some(RunOutcome::Cancelled));
    let error = closed(&by_hand).and_then(|end| end.error.as_deref());
    assert_eq!(error, Some("cancelled by somebody: enough"));
}

#[test]
fn a_run_ended_before_its_runner_registered_leaves_no_process_to_wait_for() {
    let view = dispatched(view(Status::Running), Status::Ready);
    let cancelled = accepted(&view, Cancel { task: task_id(), reason: None });
    assert_eq!(trees_gone(&cancelled), 1);
    let failed = accepted(&view, finish(Exit::SpawnFailed("no such program".into())));
    assert_eq!(trees_gone(&failed), 1, "it is said once");
}

#[test]
fn a_run_judged_to_have_no_runner_is_left_to_one_that_came_meanwhile() {
    let verdict =
        FinishRun { seen: Seen::NoRunner, ..finish(Exit::Interrupted("dispatcher died".into())) };
    let before = dispatched(view(Status::Running), Status::Ready);
    assert_eq!(status(&accepted(&before, verdict.clone())), Status::Ready);
    let refused = decide_with(&running(), verdict, &Policy::default());
    assert!(refused.is_err(), "its worker may live: {refused:?}");
}
