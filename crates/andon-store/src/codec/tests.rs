//! Rows look as the peer writes them.

use super::*;
use andon_core::id::TaskId;
use andon_core::task::Status;

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

#[test]
fn skills_are_escaped_beyond_ascii_and_read_back() {
    let skills = vec!["a b".to_owned(), "ä😀".to_owned()];
    let text = skills_text(&skills);
    assert_eq!(text, "[\"a b\", \"\\u00e4\\ud83d\\ude00\"]");
    assert_eq!(skills_from(&text), Some(skills));
    assert_eq!(skills_from("{}"), None);
    assert_eq!(skills_from("[]"), Some(vec![]));
}
