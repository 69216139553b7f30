//! What is told of a failed run: to people in words, to programs in its event.

use super::{accepted, closed, decide_with, events, state, status};
use crate::command::finish_run::{FinishRun, RATE_LIMIT_EXIT, Seen};
use crate::command::reclaim::Reclaim;
use crate::event::NewEvent;
use crate::policy::Policy;
use crate::policy::retry::FailureCounts;
use crate::run::{Exit, Limit, Means, OnExitZero, RunOutcome, Termination, Usage};
use crate::table::sample::{NOW, RUN, kept, lock, task_id, view, with};
use crate::task::{Hold, PastParents, Status};
use crate::text::ERROR_CHARS_MAX;
use crate::time::Seconds;
use crate::transition::{Outcome, Write};
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

const TIME: Limit = Limit::Time { elapsed: Seconds(61), limit: Seconds(60) };
const IDLE: Limit = Limit::Idle { silent: Seconds(9) };

#[test]
fn an_error_says_who_ended_how_and_what_it_said_last() {
    let told = [
        (Exit::Code(1), "pid 3 exited with code 1: no such file"),
        (Exit::Signal(9), "pid 3 killed by signal 9: no such file"),
        (Exit::Limit(TIME), "elapsed 61s > limit 60s: no such file"),
        (Exit::Limit(IDLE), "pid 3 no sign of life for 9s: no such file"),
        (Exit::SpawnFailed("no".into()), "could not start: no: no such file"),
        (Exit::Code(RATE_LIMIT_EXIT), "pid 3 was throttled by its provider (quota): no such file"),
        (
            Exit::Code(0),
            "protocol violation: pid 3 ended with code 0 without `complete` or `block`; check what \
             it did, then report: no such file",
        ),
    ];
    for (exit, expected) in told {
        let tail = Some("first\n no such file \n".to_owned());
        let transition = accepted(&running(), FinishRun { tail, ..finish(exit) });
        let error = closed(&transition).and_then(|end| end.error.as_deref());
        assert_eq!(error, Some(expected));
        assert_eq!(state(&transition).last_error.as_deref(), Some(expected));
    }
}

#[test]
fn an_error_is_as_short_as_a_task_keeps_it_and_says_nothing_of_what_nobody_said() {
    let silent = accepted(&view(Status::Running), finish(Exit::Code(1)));
    assert_eq!(state(&silent).last_error.as_deref(), Some("exited with code 1"));
    let tail = Some("x".repeat(2_000));
    let long = accepted(&running(), FinishRun { tail, ..finish(Exit::Code(1)) });
    let error = state(&long).last_error.as_deref().unwrap_or_default();
    assert_eq!(error.len(), ERROR_CHARS_MAX);
}

#[test]
fn the_event_of_a_failure_carries_what_was_seen() {
    let termination = Termination { pid: Some(8), means: Means::Killed, ..Termination::default() };
    let (pid, claimer) = (Some(8), Some(lock()));
    let crashed = |exit_kind, exit_code| NewEvent::Crashed {
        pid,
        claimer: claimer.clone(),
        exit_kind,
        exit_code,
    };
    let told = [
        (Exit::Code(1), crashed("nonzero_exit", Some(1))),
        (Exit::Signal(9), crashed("signaled", Some(9))),
        (Exit::Lost("gone".into()), crashed("unknown", None)),
        (Exit::Limit(Limit::Memory { used_kb: 2, limit_kb: 1 }), crashed("memory_limit", None)),
        (Exit::Limit(Limit::Cpu { limit: Seconds(1) }), crashed("cpu_limit", None)),
        (
            Exit::Code(0),
            NewEvent::ProtocolViolation { pid, claimer: claimer.clone(), exit_code: 0 },
        ),
        (
            Exit::Code(RATE_LIMIT_EXIT),
            NewEvent::RateLimited { pid, claimer: claimer.clone(), exit_code: RATE_LIMIT_EXIT },
        ),
        (
            Exit::Limit(TIME),
            NewEvent::TimedOut { pid, elapsed: Seconds(61), limit: Seconds(60), sigkill: true },
        ),
        (
            Exit::Limit(IDLE),
            NewEvent::Stale {
                elapsed: Seconds(9),
                last_heartbeat_at: None,
                silent: Seconds(9),
                termination,
            },
        ),
    ];
    for (exit, event) in told {
        let transition = accepted(&running(), FinishRun { termination, ..finish(exit) });
        assert_eq!(events(&transition), [&event]);
    }
    let asked = FinishRun {
        termination: Termination { means: Means::Asked, ..termination },
        ..finish(Exit::Limit(TIME))
    };
    let transition = accepted(&running(), asked);
    assert!(matches!(events(&transition)[..], [NewEvent::TimedOut { sigkill: false, .. }]));
}

#[test]
fn the_breaker_tells_of_the_cause_that_opened_it_and_of_its_own_count() {
    let failed = with(running(), |task| {
        task.max_retries = Some(2);
        task.hold.failures = FailureCounts { crash: 1, stale: 1, ..FailureCounts::default() };
    });
    let transition = accepted(&failed, finish(Exit::Signal(9)));
    let gave_up = NewEvent::GaveUp {
        failures: 2,
        effective_limit: 2,
        limit_source: "task",
        error: "pid 3 killed by signal 9".into(),
        trigger_outcome: "crashed",
    };
    let blocked = NewEvent::Blocked {
        reason: Some("gave up after 2 failures: pid 3 killed by signal 9".into()),
        kind: None,
        recurrences: 0,
    };
    assert_eq!(events(&transition)[1..], [&gave_up, &blocked]);
}

#[test]
fn a_spawn_failure_that_opens_the_breaker_gives_up_and_others_keep_their_word() {
    let mut policy = Policy::default();
    policy.retry.spawn.limit = 1;
    policy.retry.stale.limit = 1;
    let ended = |exit| {
        let transition = decide_with(&running(), finish(exit), &policy).expect("it is open");
        assert_eq!(status(&transition), Status::Blocked);
        super::outcome(&transition)
    };
    assert_eq!(ended(Exit::SpawnFailed("no".into())), Some(RunOutcome::GaveUp));
    assert_eq!(ended(Exit::Limit(IDLE)), Some(RunOutcome::Stale));
}

#[test]
fn a_run_that_the_task_moved_on_without_is_closed_and_moves_nothing() {
    let other = with(running(), |task| task.current_run = Some(crate::id::RunId(RUN.0 + 1)));
    let parked = with(running(), |task| task.status = Status::Blocked);
    for view in [other, parked] {
        let transition = accepted(&view, finish(Exit::Code(1)));
        assert_eq!(transition.outcome, Outcome::Recorded { task: task_id() });
        assert_eq!(super::outcome(&transition), Some(RunOutcome::Reclaimed));
        let moves = transition.writes.iter().any(|write| matches!(write, Write::SetState { .. }));
        assert!(!moves && events(&transition).is_empty());
    }
}

#[test]
fn the_last_words_of_a_clean_exit_are_its_summary_unless_they_are_blank() {
    let ended = |tail: &str| {
        let (tail, on_exit_zero) = (Some(tail.to_owned()), OnExitZero::Completes);
        let command = FinishRun { tail, on_exit_zero, ..finish(Exit::Code(0)) };
        closed(&accepted(&running(), command)).and_then(|end| end.summary.clone())
    };
    assert_eq!(ended("all is well"), Some("all is well".to_owned()));
    assert_eq!(ended(" \n"), None);
}

#[test]
fn a_run_of_another_task_is_unknown() {
    let mut view = running();
    if let Some(run) = &mut view.run {
        run.task = crate::table::sample::child_id();
    }
    assert_eq!(super::refused(&view, finish(Exit::Code(1))), "unknown_run");
}

#[test]
fn a_reclaimed_task_begins_with_a_clean_record_and_keeps_its_promotion() {
    let past_parents = PastParents::Overruled;
    let failed = with(view(Status::Running), |task| {
        task.consecutive_failures = 1;
        task.last_failure_error = Some("it crashed".to_owned());
        let failures = FailureCounts { crash: 1, ..FailureCounts::default() };
        task.hold = Hold { failures, not_before: Some(NOW), past_parents, due_at: None };
    });
    let told = |reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        let transition = accepted(&failed, Reclaim { task: task_id(), reason });
        assert_eq!((state(&transition).failures, &state(&transition).last_error), (0, &None));
        let kept = Hold { past_parents, ..Hold::default() };
        assert_eq!(super::hold(&transition), Some(&kept));
        closed(&transition).and_then(|end| end.error.clone())
    };
    assert_eq!(told(Some("late")), Some("manual_reclaim: late".to_owned()));
    assert_eq!(told(None), Some(format!("manual_reclaim lock={}", lock())));
}
