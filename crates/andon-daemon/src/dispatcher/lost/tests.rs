//! Claims about what counts as lost, on rows alone.

use super::*;
use andon_core::run::Keeper;

const START_GRACE: Seconds = Seconds(30);

const NOW: Timestamp = Timestamp(1_000);

fn process(pid: i32) -> Process {
    Process { machine: "here".to_owned(), boot: "boot".to_owned(), pid, started: 1 }
}

const ME: i32 = 1;
pub(in crate::dispatcher) const LIVING: i32 = 2;
pub(in crate::dispatcher) const DEAD: i32 = 3;
pub(in crate::dispatcher) const BEFORE_BOOT: i32 = 4;
pub(in crate::dispatcher) const FOREIGN: i32 = 5;

pub(in crate::dispatcher) fn liveness(process: &Process) -> Liveness {
    match process.pid {
        ME | LIVING => Liveness::Alive,
        BEFORE_BOOT => Liveness::OtherBoot,
        FOREIGN => Liveness::ForeignHost,
        _ => Liveness::Gone,
    }
}

pub(in crate::dispatcher) fn run(claimer: i32, runner: Option<i32>) -> Run {
    Run {
        id: RunId(1),
        task: TaskId::from_random(1),
        profile: None,
        step_key: None,
        status: "running".to_owned(),
        claim: None,
        worker_pid: None,
        max_runtime: None,
        last_heartbeat_at: None,
        started_at: NOW,
        ended_at: None,
        outcome: None,
        summary: None,
        metadata: None,
        error: None,
        keeper: Some(Keeper {
            came_from: andon_core::task::Status::Ready,
            claimer: process(claimer),
            runner: runner.map(process),
            worker: runner.map(|_| process(77)),
            stop: None,
            gone_at: None,
        }),
    }
}

fn plan_of(run: &Run, now: Timestamp, in_hand: bool) -> Plan {
    let me = process(ME);
    let in_hand = |_: &Run| in_hand;
    let start_grace = START_GRACE;
    let known = Known { now, start_grace, me: &me, liveness: &liveness, in_hand: &in_hand };
    plan(std::slice::from_ref(run), &known)
}

fn lost(run: &Run, now: Timestamp) -> Option<What> {
    plan_of(run, now, false).lost.pop().map(|lost| lost.what)
}

#[test]
fn a_run_of_a_living_runner_is_left_alone_for_ever() {
    let old = Timestamp(NOW.0 + 1_000_000);
    assert_eq!(plan_of(&run(DEAD, Some(LIVING)), old, false), Plan::default());
}

#[test]
fn a_dead_runners_tree_is_ended_before_anything_is_recorded() {
    let sweep = What::Sweep { worker: process(77), claimer: process(LIVING) };
    assert_eq!(lost(&run(LIVING, Some(DEAD)), NOW), Some(sweep));
}

#[test]
fn after_a_restart_of_the_host_no_process_is_touched() {
    assert_eq!(lost(&run(ME, Some(BEFORE_BOOT)), NOW), Some(What::OtherBoot));
}

#[test]
fn another_hosts_run_is_left_to_its_lease() {
    let late = Timestamp(NOW.0 + 1_000);
    assert_eq!(plan_of(&run(FOREIGN, None), late, false), Plan::default());
    assert_eq!(plan_of(&run(FOREIGN, Some(FOREIGN)), late, false), Plan::default());
}

#[test]
fn a_claim_of_ours_that_nobody_works_on_is_lost_at_once() {
    assert!(matches!(lost(&run(ME, None), NOW), Some(What::NeverStarted(_))));
    assert_eq!(plan_of(&run(ME, None), NOW, true), Plan::default());
}

#[test]
fn a_claim_without_a_runner_has_its_grace_and_is_looked_at_when_that_is_over() {
    let never = What::NeverStarted("no runner was started for it in time");
    for (claimer, grace, what) in [
        (LIVING, START_GRACE, never),
        (DEAD, ORPHAN_GRACE, What::Abandoned),
        (BEFORE_BOOT, ORPHAN_GRACE, What::Abandoned),
    ] {
        let end = NOW + grace;
        let early = plan_of(&run(claimer, None), Timestamp(end.0 - 1), false);
        assert_eq!(early, Plan { lost: Vec::new(), look_again: Some(end) });
        assert_eq!(lost(&run(claimer, None), end), Some(what));
    }
}

#[test]
fn a_closed_run_whose_processes_may_live_is_settled_and_one_confirmed_gone_is_not() {
    let mut closed = run(DEAD, Some(DEAD));
    closed.ended_at = Some(NOW);
    assert!(lost(&closed, NOW).is_some());
    closed.keeper.as_mut().unwrap().gone_at = Some(NOW);
    assert_eq!(lost(&closed, NOW), None);
}

#[test]
fn a_run_of_another_program_is_not_ours_to_judge() {
    let outside = Run { keeper: None, ..run(DEAD, None) };
    assert_eq!(plan_of(&outside, Timestamp(i64::MAX), false), Plan::default());
}

#[test]
fn a_verdict_that_no_runner_came_is_told_as_one_that_may_be_out_of_date() {
    let told = |what: What| {
        let lost = Lost { task: TaskId::from_random(1), run: RunId(1), what };
        report(&lost, Means::NotAttempted).seen
    };
    assert_eq!(told(What::NeverStarted("why")), Seen::NoRunner);
    assert_eq!(told(What::Abandoned), Seen::NoRunner);
    assert_eq!(told(What::RunnerDied), Seen::TreeGone);
    assert_eq!(told(What::OtherBoot), Seen::TreeGone);
    let (worker, claimer) = (process(DEAD), process(LIVING));
    assert_eq!(told(What::Sweep { worker, claimer }), Seen::TreeGone);
}
