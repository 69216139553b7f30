//! Every reason, by its code, from facts that differ in one thing from those of a task that is
//! about to start.

pub(in crate::commands::why) mod given;
mod ready;

use super::*;
use crate::commands::why::parents::{Parent, Parents};
use andon_core::run::{Run, Stop, StopTo};
use andon_runner::identity::Liveness;
use given::{NOW, codes, facts, id, is_told, parked, run, running_with};

#[test]
fn a_finished_task_says_when_and_by_whom() {
    let mut done = facts(Status::Done);
    done.task.completed_at = Some(NOW);
    done.last_run = Some(Run { ended_at: Some(NOW), ..run() });
    is_told(&done, "done", &["t_11111111", "by alice", " at "]);
    is_told(&facts(Status::Done), "done", &["it was finished"]);
    is_told(&facts(Status::Archived), "archived", &["put away"]);
}

#[test]
fn a_running_task_says_since_when_by_whom_and_where() {
    let parts = ["1m 30s", "run 7 of alice", "worker 42", "runner 41", "this host", "claim lasts"];
    is_told(&running_with(|_| ()), "running", &parts);
    let foreign = running_with(|open| open.runner = Some(Liveness::ForeignHost));
    is_told(&foreign, "running", &["on host m"]);
}

#[test]
fn a_run_that_begins_or_ends_says_so() {
    let starting = running_with(|open| {
        open.runner = None;
        open.run.keeper.as_mut().unwrap().runner = None;
    });
    is_told(&starting, "starting", &["run 7 of alice"]);
    let stopping = running_with(|open| {
        let (by, at) = ("bob".to_owned(), NOW);
        let stop = Stop { to: StopTo::Blocked, reason: None, by, at };
        open.run.keeper.as_mut().unwrap().stop = Some(stop);
    });
    is_told(&stopping, "stopping", &["bob", "becomes blocked", "run 7"]);
    let mut alone = Facts { dispatcher: DispatcherState::Absent, ..stopping };
    assert_eq!(codes(&alone), ["stopping"], "its runner ends it");
    alone.run.as_mut().unwrap().runner = Some(Liveness::Gone);
    assert_eq!(codes(&alone), ["stopping", "no_dispatcher"]);
}

#[test]
fn a_claim_of_a_person_names_its_holder() {
    let outside = running_with(|open| {
        open.run.keeper = None;
        open.runner = None;
    });
    is_told(&outside, "claimed_outside", &["host:1:"]);
}

#[test]
fn a_dead_runner_needs_a_dispatcher() {
    let lost = running_with(|open| open.runner = Some(Liveness::Gone));
    is_told(&lost, "runner_lost", &["run 7 is dead"]);
    let rebooted = running_with(|open| open.runner = Some(Liveness::OtherBoot));
    is_told(&rebooted, "runner_lost", &[]);
    let alone = Facts { dispatcher: DispatcherState::Absent, ..lost };
    assert_eq!(codes(&alone), ["runner_lost", "no_dispatcher"]);
    is_told(&facts(Status::Running), "no_run", &["has no run"]);
}

#[test]
fn a_blocked_task_says_what_blocked_it() {
    let blocked = |parked| Facts { parked, ..facts(Status::Blocked) };
    let asks = blocked(parked("blocked", Some("which port?")));
    is_told(&asks, "blocked", &["which port?", "andon unblock t_11111111"]);
    let gave_up = blocked(parked("gave_up", Some("exit 3")));
    is_told(&gave_up, "gave_up", &["after 3 failures", "exit 3", "andon log"]);
    let cancelled = blocked(parked("cancelled", None));
    is_told(&cancelled, "cancelled", &["bob cancelled it", "andon unblock"]);
    is_told(&blocked(None), "blocked", &["was made blocked"]);
}

#[test]
fn a_parked_task_says_until_when() {
    let mut timed =
        Facts { parked: parked("scheduled", Some("night")), ..facts(Status::Scheduled) };
    timed.task.hold.due_at = Some(NOW);
    is_told(&timed, "scheduled", &["parked until", "night"]);
    let alone = Facts { dispatcher: DispatcherState::Absent, ..timed };
    assert_eq!(codes(&alone), ["scheduled", "no_dispatcher"]);
    is_told(&facts(Status::Scheduled), "parked", &["without a time", "andon unblock"]);
}

#[test]
fn an_idea_in_triage_says_what_would_make_it_a_task() {
    is_told(&facts(Status::Triage), "triage", &["andon create"]);
    let looped =
        Facts { parked: parked("block_loop_detected", Some("no key")), ..facts(Status::Triage) };
    is_told(&looped, "block_loop", &["no key"]);
}

#[test]
fn a_waiting_task_names_its_open_parents_and_what_they_do() {
    let named = vec![Parent {
        id: id('2'),
        status: Status::Blocked,
        doing: "blocked: which port?".to_owned(),
    }];
    let one = Facts { parents: Parents { count: 1, named: named.clone() }, ..facts(Status::Todo) };
    is_told(&one, "open_parents", &["a task that is", "t_22222222 (blocked: which port?)"]);
    let many = Facts { parents: Parents { count: 5, named }, ..facts(Status::Todo) };
    is_told(&many, "open_parents", &["tasks that are", "4 more"]);
    is_told(&facts(Status::Todo), "settling", &["waits for nothing"]);
}

#[test]
fn a_board_in_quarantine_says_why_and_when_it_is_looked_at_again() {
    let record = Record {
        reason: "the file is not a database".to_owned(),
        since: 1,
        next: 2,
        attempts: 1,
        fingerprint: None,
    };
    let told = quarantined(&BoardSlug::default_board(), &record);
    assert_eq!(told.code, "quarantined");
    assert!(told.sentence.contains("not a database") && told.sentence.contains("again at"));
}
