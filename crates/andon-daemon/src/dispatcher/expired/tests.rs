//! Claims about lapsed leases, on rows alone.

use super::*;
use andon_core::id::ClaimLock;
use andon_core::run::{Keeper, Run};
use andon_core::task::{Claim, Status};

const LIVING: i32 = 2;
const DEAD: i32 = 3;
const FOREIGN: i32 = 5;

fn process(pid: i32) -> Process {
    Process { machine: "m".to_owned(), boot: "b".to_owned(), pid, started: 1 }
}

fn liveness(process: &Process) -> Liveness {
    match process.pid {
        LIVING => Liveness::Alive,
        FOREIGN => Liveness::ForeignHost,
        _ => Liveness::Gone,
    }
}

fn claim(lock: &str, worker_pid: Option<i64>, keeper: Option<(i32, Option<i32>)>) -> ExpiredClaim {
    let task = TaskId::from_random(1);
    let claim = Claim { lock: ClaimLock::from_text(lock.to_owned()), expires: None };
    let run = keeper.map(|(claimer, runner)| Run {
        id: RunId(9),
        task: task.clone(),
        profile: None,
        step_key: None,
        status: "running".to_owned(),
        claim: Some(claim.clone()),
        worker_pid,
        max_runtime: None,
        last_heartbeat_at: None,
        started_at: Timestamp(0),
        ended_at: None,
        outcome: None,
        summary: None,
        metadata: None,
        error: None,
        keeper: Some(Keeper {
            came_from: Status::Ready,
            claimer: process(claimer),
            runner: runner.map(process),
            worker: None,
            stop: None,
            gone_at: None,
        }),
    });
    ExpiredClaim { task, claim: Some(claim), worker_pid, run }
}

fn evidence(claim: &ExpiredClaim, in_hand: bool) -> Option<Evidence> {
    let known = Known {
        host_name: "here",
        liveness: &liveness,
        number_lives: &|pid, _| pid == i64::from(LIVING),
        in_hand: &|_| in_hand,
    };
    plan(std::slice::from_ref(claim), &known).pop().map(|verdict| verdict.evidence)
}

fn is_gone(evidence: Option<Evidence>) -> bool {
    matches!(evidence, Some(Evidence::Gone(_)))
}

#[test]
fn a_living_runner_keeps_its_claim() {
    assert_eq!(
        evidence(&claim("here:1:a", None, Some((DEAD, Some(LIVING)))), false),
        Some(Evidence::Alive)
    );
}

#[test]
fn a_dead_runners_claim_is_left_to_those_who_end_its_processes_first() {
    assert_eq!(evidence(&claim("here:1:a", None, Some((LIVING, Some(DEAD)))), false), None);
    assert_eq!(evidence(&claim("here:1:a", None, Some((DEAD, None))), false), None);
}

#[test]
fn a_start_under_way_keeps_its_claim_however_long_git_takes() {
    assert_eq!(
        evidence(&claim("here:1:a", None, Some((LIVING, None))), true),
        Some(Evidence::Alive)
    );
}

#[test]
fn another_hosts_claim_ends_with_its_lease() {
    assert!(is_gone(evidence(&claim("there:1:a", None, Some((FOREIGN, Some(FOREIGN)))), false)));
    assert!(is_gone(evidence(&claim("there:1:a", None, Some((FOREIGN, None))), false)));
}

#[test]
fn the_peers_living_worker_on_this_host_is_never_given_up() {
    let living = Some(i64::from(LIVING));
    assert_eq!(evidence(&claim("here:1", living, None), false), Some(Evidence::Alive));
    assert!(is_gone(evidence(&claim("there:1", living, None), false)));
    assert!(is_gone(evidence(&claim("here:1", Some(i64::from(DEAD)), None), false)));
}

#[test]
fn a_number_that_an_earlier_worker_left_on_the_task_holds_no_claim() {
    let mut left = claim("here:1", Some(i64::from(LIVING)), Some((DEAD, None)));
    let run = left.run.as_mut().unwrap();
    (run.keeper, run.worker_pid) = (None, None);
    assert!(is_gone(evidence(&left, false)));
}

#[test]
fn a_persons_claim_ends_with_its_lease() {
    assert!(is_gone(evidence(&claim("here:1:a", None, None), false)));
}

#[test]
fn a_number_counts_only_with_a_process_that_the_claim_can_have_started() {
    let (me, now) = (i64::from(std::process::id()), Timestamp(1_000_000));
    assert!(number_lives(me, None, now));
    assert!(number_lives(me, Some(Timestamp(now.0 - 10)), now));
    // No test lives for a day: whatever was claimed then, it was not this process.
    assert!(!number_lives(me, Some(Timestamp(now.0 - 86_400)), now));
    assert!(!number_lives(-1, None, now));
    assert!(!number_lives(i64::MAX, None, now));
}
