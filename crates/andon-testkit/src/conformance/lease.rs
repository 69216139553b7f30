//! Leases: they run out, and are renewed on task and run alike.

use super::claims;
use crate::fixture::{Board, verbs};
use andon_core::command::expire::{Evidence, Expire};
use andon_core::id::TaskId;
use andon_core::policy::CLAIM_TTL;
use andon_core::run::Termination;
use andon_core::task::Status;
use std::slice::from_ref;

claims![
    a_heartbeat_renews_the_lease_on_task_and_run,
    a_lease_that_ran_out_is_listed_and_a_living_one_is_not,
    a_lapsed_claim_is_taken_back_once_its_holder_is_gone,
    a_lapsed_claim_of_a_living_holder_is_extended,
    the_end_of_a_lease_is_the_next_thing_due,
    heartbeats_leave_no_trace_in_the_history,
];

fn lapse(board: &Board) {
    board.pass(CLAIM_TTL.0 + 1);
}

fn expire(task: &TaskId, evidence: Evidence) -> Expire {
    Expire { task: task.clone(), run: None, evidence }
}

fn gone() -> Evidence {
    Evidence::Gone(Termination::default())
}

fn a_heartbeat_renews_the_lease_on_task_and_run(board: &Board) {
    let id = board.task("a").claimed();
    board.pass(100);
    board.done(verbs::heartbeat(&id, None));
    let (task, run) = (board.get(&id), board.last_run(&id));
    let expires = Some(board.now() + CLAIM_TTL);
    assert_eq!(task.claim.and_then(|claim| claim.expires), expires);
    assert_eq!(run.claim.and_then(|claim| claim.expires), expires);
    assert_eq!(task.last_heartbeat_at, Some(board.now()));
    assert_eq!(run.last_heartbeat_at, Some(board.now()));
}

fn expired(board: &Board) -> Vec<TaskId> {
    let expired = board.store.claim_expired(board.now(), 10).expect("claims can be read");
    expired.into_iter().map(|claim| claim.task).collect()
}

fn a_lease_that_ran_out_is_listed_and_a_living_one_is_not(board: &Board) {
    let old = board.task("old").claimed();
    board.pass(CLAIM_TTL.0);
    assert_eq!(expired(board), [], "the last second still counts");
    let young = board.task("young").claimed();
    board.pass(1);
    assert_eq!(expired(board), from_ref(&old));
    board.done(expire(&old, gone()));
    assert_eq!(expired(board), []);
    assert_eq!(board.refused(expire(&young, gone())).code(), "not_expired");
}

fn a_lapsed_claim_is_taken_back_once_its_holder_is_gone(board: &Board) {
    let id = board.task("a").claimed();
    lapse(board);
    board.done(expire(&id, gone()));
    let run = board.last_run(&id);
    assert_eq!(board.status(&id), Status::Ready);
    assert_eq!((run.outcome.as_deref(), run.ended_at), (Some("reclaimed"), Some(board.now())));
    assert_eq!((run.claim, run.worker_pid), (None, None));
    assert_eq!(board.kinds(&id).last().map(String::as_str), Some("reclaimed"));
}

fn a_lapsed_claim_of_a_living_holder_is_extended(board: &Board) {
    let id = board.task("a").claimed();
    lapse(board);
    board.done(expire(&id, Evidence::Alive));
    let task = board.get(&id);
    assert_eq!(task.status, Status::Running);
    assert_eq!(task.claim.and_then(|claim| claim.expires), Some(board.now() + CLAIM_TTL));
    assert_eq!(board.kinds(&id).last().map(String::as_str), Some("claim_extended"));
}

fn the_end_of_a_lease_is_the_next_thing_due(board: &Board) {
    assert_eq!(board.store.next_due(board.now()), Ok(None));
    board.task("a").claimed();
    let end = board.now() + CLAIM_TTL;
    assert_eq!(board.store.next_due(board.now()), Ok(Some(end)));
    assert_eq!(board.store.next_due(end), Ok(None), "what is due now is not due next");
}

fn heartbeats_leave_no_trace_in_the_history(board: &Board) {
    let id = board.task("a").claimed();
    let before = board.store.event_last();
    board.done(verbs::heartbeat(&id, None));
    assert_eq!(board.store.event_last(), before);
}
