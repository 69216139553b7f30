//! Operation ids: a request that is sent twice is carried out once.

use super::claims;
use crate::fixture::{Board, verbs};
use andon_core::transition::Outcome;
use andon_store::{ListFilter, StoreError};

claims![
    a_request_sent_twice_is_carried_out_once,
    a_request_sent_twice_is_not_refused_for_what_it_did_itself,
    a_refused_request_may_be_sent_again,
    a_heartbeat_sent_twice_renews_twice,
];

fn a_request_sent_twice_is_carried_out_once(board: &Board) {
    let create = board.request(board.task("a").command());
    board.store.apply(create.clone()).expect("the first one is carried out");
    let last = board.store.event_last();
    board.pass(10);
    let again = board.store.apply(create).expect("the second one finds the first");
    assert_eq!((again.outcome, again.run, again.event), (Outcome::Unchanged, None, None));
    assert_eq!(board.store.event_last(), last);
    assert_eq!(board.store.task_list(&ListFilter::default()).map(|tasks| tasks.len()), Ok(1));
}

fn a_request_sent_twice_is_not_refused_for_what_it_did_itself(board: &Board) {
    let id = board.task("a").create();
    let claim = board.request(verbs::claim(&id));
    board.store.apply(claim.clone()).expect("the first one is carried out");
    let again = board.store.apply(claim).expect("the second one finds the first");
    assert_eq!((again.outcome, again.run, again.event), (Outcome::Unchanged, None, None));
    assert_eq!(board.runs(&id).len(), 1);
}

fn a_refused_request_may_be_sent_again(board: &Board) {
    let id = board.task("a").claimed();
    let claim = board.request(verbs::claim(&id));
    assert!(matches!(board.store.apply(claim.clone()), Err(StoreError::Rejected(_))));
    board.done(andon_core::command::reclaim::Reclaim { task: id.clone(), reason: None });
    let applied = board.store.apply(claim).expect("the task is free now");
    assert!(matches!(applied.outcome, Outcome::Claimed { .. }));
}

fn a_heartbeat_sent_twice_renews_twice(board: &Board) {
    let id = board.task("a").claimed();
    let beat = board.request(verbs::heartbeat(&id, None));
    board.store.apply(beat.clone()).expect("the run is current");
    board.pass(10);
    board.store.apply(beat).expect("the run is still current");
    assert_eq!(board.get(&id).last_heartbeat_at, Some(board.now()));
}
