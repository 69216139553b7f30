//! Payloads look as the peer writes them.

use super::*;
use andon_core::id::ClaimLock;
use andon_core::time::Seconds;

fn no_run(_: RunRef) -> RunId {
    RunId(7)
}

#[test]
fn a_payload_has_the_peers_spacing_and_order() {
    let event = NewEvent::Created {
        assignee: None,
        status: Status::Ready,
        parents: vec![TaskId::from_random(1)],
        tenant: Some("ä".into()),
        branch_name: None,
        skills: vec![],
        goal_mode: false,
    };
    assert_eq!(
        payload(&event, no_run).as_deref(),
        Some(
            "{\"assignee\": null, \"status\": \"ready\", \"parents\": [\"t_00000001\"], \
             \"tenant\": \"ä\", \"branch_name\": null, \"skills\": null, \"goal_mode\": null}"
        )
    );
}

#[test]
fn an_empty_payload_is_null() {
    assert_eq!(payload(&NewEvent::Promoted, no_run), None);
    assert_eq!(payload(&NewEvent::Unblocked { to: Status::Ready }, no_run), None);
}

fn told(event: &NewEvent) -> String {
    payload(event, no_run).expect("it has a payload")
}

#[test]
fn what_was_handed_over_is_named_where_there_is_something() {
    let completed = |verified_cards, artifacts| NewEvent::Completed {
        result_len: 2,
        summary: Some("done".into()),
        verified_cards,
        artifacts,
    };
    let all = completed(vec![TaskId::from_random(1)], vec!["a.txt".into()]);
    let bare = completed(Vec::new(), Vec::new());
    assert_eq!(
        told(&all),
        "{\"result_len\": 2, \"summary\": \"done\", \"verified_cards\": [\"t_00000001\"], \
         \"artifacts\": [\"a.txt\"]}"
    );
    assert_eq!(told(&bare), "{\"result_len\": 2, \"summary\": \"done\"}");
    let suspected = NewEvent::SuspectedReferences { phantom_refs: vec![TaskId::from_random(1)] };
    assert_eq!(
        told(&suspected),
        "{\"phantom_refs\": [\"t_00000001\"], \"source\": \"completion_summary\"}"
    );
    let edited = |result_len| NewEvent::Edited { fields: vec!["title"], result_len, summary: None };
    assert_eq!(told(&edited(None)), "{\"fields\": [\"title\"]}");
    let with_result = "{\"fields\": [\"title\"], \"result_len\": 2, \"summary\": null}";
    assert_eq!(told(&edited(Some(2))), with_result);
}

#[test]
fn a_claim_names_the_run_that_its_transition_opened() {
    let claimed = |source_status| NewEvent::Claimed {
        lock: ClaimLock::from_text("host:1:2".into()),
        expires: Timestamp(9),
        run: RunRef::New,
        source_status,
    };
    assert_eq!(told(&claimed(None)), "{\"lock\": \"host:1:2\", \"expires\": 9, \"run_id\": 7}");
    assert!(told(&claimed(Some(Status::Review))).ends_with(", \"source_status\": \"review\"}"));
}

#[test]
fn how_a_tree_was_ended_is_told_in_five_words_whose_reach_wins() {
    let told = |host, means| {
        let termination = Termination { pid: Some(3), host, means };
        let reclaimed = NewEvent::ReclaimedExpired {
            stale_lock: Some(ClaimLock::from_text("host:1:2".into())),
            worker_pid: Some(3),
            claim_expires: Some(Timestamp(9)),
            last_heartbeat_at: None,
            now: Timestamp(10),
            termination,
        };
        told(&reclaimed)
    };
    assert_eq!(
        told(HostReach::Local, Means::Killed),
        "{\"stale_lock\": \"host:1:2\", \"worker_pid\": 3, \"claim_expires\": 9, \
         \"last_heartbeat_at\": null, \"now\": 10, \"host_local\": true, \
         \"heartbeat_stale\": false, \"prev_pid\": 3, \"termination_attempted\": true, \
         \"terminated\": true, \"sigkill\": true}"
    );
    let asked = told(HostReach::Elsewhere, Means::Asked);
    assert!(asked.contains("\"host_local\": false"), "{asked}");
    assert!(asked.ends_with("\"terminated\": true, \"sigkill\": false}"), "{asked}");
    let left = told(HostReach::Elsewhere, Means::NotAttempted);
    assert!(left.contains("\"termination_attempted\": false"), "{left}");
}

#[test]
fn an_ending_names_who_how_and_how_long() {
    let timed_out = NewEvent::TimedOut {
        pid: Some(3),
        elapsed: Seconds(61),
        limit: Seconds(60),
        sigkill: false,
    };
    assert_eq!(
        told(&timed_out),
        "{\"pid\": 3, \"elapsed_seconds\": 61, \"limit_seconds\": 60, \"sigkill\": false}"
    );
    let crashed =
        NewEvent::Crashed { pid: None, claimer: None, exit_kind: "signaled", exit_code: Some(9) };
    assert_eq!(
        told(&crashed),
        "{\"pid\": null, \"claimer\": null, \"exit_kind\": \"signaled\", \"exit_code\": 9}"
    );
}
