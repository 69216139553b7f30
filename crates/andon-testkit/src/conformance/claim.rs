//! Claims: one holder, proven by run and lock.

use super::claims;
use crate::fixture::{Board, verbs};
use andon_core::id::{ClaimLock, RunId};
use andon_core::policy::CLAIM_TTL;
use andon_core::run::Exit;
use andon_core::task::{Claim, Status};
use andon_core::transition::Outcome;

claims![
    a_claim_opens_the_current_run_with_the_same_lock,
    a_claimed_task_is_not_claimed_again,
    a_claim_behind_an_open_parent_is_sent_back_and_stored,
    run_ids_are_never_given_twice,
    late_writes_of_an_earlier_run_are_refused,
    a_task_waits_until_the_processes_of_its_run_are_gone,
    a_run_ended_before_its_runner_registered_does_not_hold_the_task,
    b16_nothing_of_a_run_leaks_into_the_next_one,
];

fn a_claim_opens_the_current_run_with_the_same_lock(board: &Board) {
    let id = board.task("a").assigned("worker").create();
    let applied = board.done(verbs::claim(&id));
    let (task, run) = (board.get(&id), board.last_run(&id));
    let claim = Claim {
        lock: ClaimLock::from_text(format!("host:1:{id}")),
        expires: Some(board.now() + CLAIM_TTL),
    };
    assert_eq!(applied.outcome, Outcome::Claimed { task: id, claim: claim.clone() });
    assert_eq!((applied.run, task.current_run), (Some(run.id), Some(run.id)));
    assert_eq!((task.claim.as_ref(), run.claim.as_ref()), (Some(&claim), Some(&claim)));
    assert_eq!((run.status.as_str(), run.profile.as_deref()), ("running", Some("worker")));
    assert_eq!((run.started_at, run.ended_at, run.keeper), (board.now(), None, None));
    assert_eq!(task.started_at, Some(board.now()));
}

fn a_claimed_task_is_not_claimed_again(board: &Board) {
    let id = board.task("a").claimed();
    assert_eq!(board.refused(verbs::claim(&id)).code(), "wrong_status");
    assert_eq!(board.runs(&id).len(), 1);
}

fn a_claim_behind_an_open_parent_is_sent_back_and_stored(board: &Board) {
    let parent = board.task("parent").create();
    let child = board.task("child").claimed();
    board.link(&parent, &child);
    board.done(andon_core::command::reclaim::Reclaim { task: child.clone(), reason: None });
    assert_eq!(board.status(&child), Status::Todo, "a parent was added while it ran");
    assert_eq!(board.refused(verbs::claim(&child)).code(), "wrong_status");
}

fn run_ids_are_never_given_twice(board: &Board) {
    let mut seen: Vec<RunId> = Vec::new();
    for _ in 0..5 {
        let id = board.task("a").create();
        seen.push(board.claim(&id));
        board.complete(&id);
    }
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
}

fn late_writes_of_an_earlier_run_are_refused(board: &Board) {
    let id = board.task("a").create();
    let first = board.start(&id);
    board.done(verbs::finish(&id, first, Exit::Code(1)));
    let second = board.claim(&id);
    let late = verbs::heartbeat(&id, Some(first));
    assert_eq!(board.refused(late).code(), "stale_run");
    let mut complete = verbs::complete(&id);
    complete.expected_run = Some(first);
    assert_eq!(board.refused(complete.clone()).code(), "stale_run");
    complete.expected_run = Some(second);
    board.done(complete);
    assert_eq!(board.status(&id), Status::Done);
}

fn a_task_waits_until_the_processes_of_its_run_are_gone(board: &Board) {
    let id = board.task("a").create();
    let run = board.start(&id);
    board.done(verbs::block(&id, andon_core::task::BlockKind::Transient));
    board.done(andon_core::command::unblock::Unblock { task: id.clone(), reason: None });
    assert_eq!(board.refused(verbs::claim(&id)).code(), "still_ending");
    let lingering = board.store.run_lingering(&id).expect("runs can be read");
    assert_eq!(lingering.map(|run| run.id), Some(run));
    board.done(verbs::finish(&id, run, Exit::Code(0)));
    assert_eq!(board.store.run_lingering(&id), Ok(None));
    board.claim(&id);
}

fn a_run_ended_before_its_runner_registered_does_not_hold_the_task(board: &Board) {
    let id = board.task("a").create();
    let run = board.done(verbs::dispatch(&id)).run.expect("a claim opens a run");
    board.done(andon_core::command::reclaim::Reclaim { task: id.clone(), reason: None });
    assert_eq!(board.store.run_lingering(&id), Ok(None));
    assert_eq!(board.refused(verbs::register(&id, run)).code(), "stale_run");
    board.claim(&id);
}

fn b16_nothing_of_a_run_leaks_into_the_next_one(board: &Board) {
    let id = board.task("a").create();
    let first = board.start(&id);
    board.pass(10);
    board.done(verbs::heartbeat(&id, Some(first)));
    assert_eq!(board.get(&id).last_heartbeat_at, Some(board.now()));
    board.done(verbs::finish(&id, first, Exit::Code(1)));
    let between = board.get(&id);
    assert_eq!((between.last_heartbeat_at, between.worker_pid), (None, None));
    board.pass(4_000);
    board.claim(&id);
    let task = board.get(&id);
    assert_eq!((task.last_heartbeat_at, task.worker_pid), (None, None));
    assert_eq!(board.last_run(&id).last_heartbeat_at, None);
}
