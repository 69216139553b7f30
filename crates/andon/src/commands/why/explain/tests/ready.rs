//! What keeps a ready task from starting.

use super::given::{NOW, alice, codes, facts, is_told, run};
use crate::commands::why::capacity::Capacity;
use crate::commands::why::dispatcher::DispatcherState;
use crate::commands::why::explain::startable::told;
use crate::commands::why::facts::{Facts, ProfileState};
use andon_core::id::RunId;
use andon_core::policy::retry::Cause;
use andon_core::run::{Run, RunOutcome};
use andon_core::task::Status;
use andon_core::time::{Seconds, Timestamp};
use andon_core::view::Pause;

#[test]
fn a_task_that_nothing_keeps_is_about_to_start() {
    let mut free = facts(Status::Ready);
    is_told(&free, "starting_soon", &["is ready"]);
    free.capacity.place = Some(3);
    is_told(&free, "starting_soon", &["number 3 in line"]);
    is_told(&facts(Status::Review), "starting_soon", &["is review"]);
}

#[test]
fn a_profile_that_starts_nothing_is_named() {
    let with = |profile| Facts { profile, ..facts(Status::Ready) };
    is_told(&with(ProfileState::Nobody), "unassigned", &["andon assign t_11111111"]);
    is_told(&with(ProfileState::Unknown(alice())), "unknown_profile", &["no such profile"]);
    is_told(&with(ProfileState::Manual(alice())), "manual_profile", &["andon claim"]);
    let broken = ProfileState::Broken {
        name: alice(),
        problem: "program `x` is not on the PATH".to_owned(),
        hint: "install `x`".to_owned(),
    };
    is_told(&with(broken), "profile_cannot_start", &["alice", "not on the PATH", "install"]);
}

#[test]
fn a_pause_says_by_whom_and_why() {
    let pause = Pause { by: "bob".to_owned(), reason: Some("too hot".to_owned()), at: NOW };
    let paused = Facts { pause: Some(pause), ..facts(Status::Ready) };
    is_told(&paused, "paused", &["paused by bob", "too hot", "andon resume"]);
}

#[test]
fn without_a_dispatcher_only_a_person_can_take_a_task() {
    let late = DispatcherState::Late(Seconds(7_200));
    let late = Facts { dispatcher: late, ..facts(Status::Ready) };
    is_told(&late, "dispatcher_late", &["no whole pass for 2h", "andon doctor"]);
    let alone = Facts { dispatcher: DispatcherState::Absent, ..facts(Status::Ready) };
    is_told(&alone, "no_dispatcher", &["andon up", "board default"]);
    let manual = Facts { profile: ProfileState::Manual(alice()), ..alone };
    assert_eq!(codes(&manual), ["manual_profile"]);
}

#[test]
fn a_backoff_says_until_when_after_what_and_how_often() {
    let mut waiting = facts(Status::Ready);
    waiting.task.hold.not_before = Some(Timestamp(NOW.0 + 65));
    waiting.task.hold.failures = waiting.task.hold.failures.plus(Cause::Crash);
    waiting.task.last_failure_error = Some("exit 3".to_owned());
    let outcome = Some(RunOutcome::Crashed.word().to_owned());
    waiting.last_run = Some(Run { outcome, ended_at: Some(NOW), ..run() });
    is_told(&waiting, "cooling_down", &["in 1m 05s", "a crash (1 of 2)", "exit 3"]);
    waiting.task.max_retries = Some(9);
    is_told(&waiting, "cooling_down", &["(1 of 9)"]);
    waiting.task.hold.not_before = Some(NOW);
    assert_eq!(codes(&waiting), ["starting_soon"], "a wait that is over holds nothing back");
}

#[test]
fn every_cause_of_a_backoff_has_words() {
    let told: std::collections::HashSet<_> = Cause::ALL.into_iter().map(told).collect();
    assert_eq!(told.len(), Cause::ALL.len());
}

#[test]
fn processes_of_an_earlier_run_are_waited_for() {
    let ending = Facts { still_ending: Some(RunId(6)), ..facts(Status::Ready) };
    is_told(&ending, "still_ending", &["earlier run 6"]);
}

#[test]
fn a_full_profile_is_told_before_a_full_board() {
    let mut full = facts(Status::Ready);
    full.capacity = Capacity {
        running: 4,
        limit: Some(4),
        of_profile: 2,
        profile_limit: Some(3),
        place: Some(2),
    };
    is_told(&full, "board_full", &["4 of the 4", "number 2 in line", "max_in_progress"]);
    full.capacity.profile_limit = Some(2);
    is_told(&full, "profile_full", &["2 of its 2", "alice"]);
    full.capacity = Capacity { running: 3, limit: Some(4), ..Capacity::default() };
    assert_eq!(codes(&full), ["starting_soon"]);
}

#[test]
fn reasons_come_in_the_order_in_which_they_are_removed() {
    let mut stuck = facts(Status::Ready);
    stuck.profile = ProfileState::Unknown(alice());
    stuck.pause = Some(Pause { by: "bob".to_owned(), reason: None, at: NOW });
    stuck.dispatcher = DispatcherState::Absent;
    stuck.task.hold.not_before = Some(Timestamp(NOW.0 + 1));
    stuck.still_ending = Some(RunId(6));
    stuck.capacity = Capacity { running: 1, limit: Some(1), ..Capacity::default() };
    let all = ["unknown_profile", "paused", "no_dispatcher", "cooling_down", "still_ending"];
    assert_eq!(codes(&stuck)[..5], all);
    assert_eq!(codes(&stuck)[5], "board_full");
}
