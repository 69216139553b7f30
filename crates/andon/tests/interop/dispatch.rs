//! The peer's dispatcher on a board that Andon serves, or has served.

use crate::home::{CALL_LIMIT, SharedHome, json, succeed};
use crate::process::Running;
use crate::work::Program;
use serde_json::Value;
use std::time::Instant;

/// Andon's own limit, below the peer's: a task that Andon gives up after one failure has fewer
/// than the two after which the peer's promotion leaves a task alone.
const ONE_FAILURE: &str = "[retry]\nfailure_limit = 1\n";

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn the_peers_dispatcher_stands_back_while_andon_serves_the_board() {
    let home = SharedHome::new();
    home.andon(&["create", "for a person", "--assignee", "alice"]);
    assert_eq!(pass(&home)["skipped_locked"], false);

    let mut up = Running::start(&mut home.andon_command(&["up", "--json"]));
    up.line_with("{", CALL_LIMIT);
    // It has begun, and takes the lock in a moment. Each look is a process that takes its time.
    let deadline = Instant::now() + CALL_LIMIT;
    while pass(&home)["skipped_locked"] == false {
        assert!(Instant::now() < deadline, "the peer dispatches beside Andon");
    }
    assert_eq!(pass(&home)["skipped_locked"], true);

    up.kill();
    assert_eq!(pass(&home)["skipped_locked"], false, "the lock ends with its holder");
}

#[test]
#[ignore = "needs the peer: cargo xtask interop"]
fn what_andon_blocked_the_peer_does_not_promote() {
    let home = SharedHome::new();
    std::fs::write(home.path().join("andon.toml"), ONE_FAILURE).unwrap();
    let born_blocked = Program::Andon.create(&home, &["waits", "--initial-status", "blocked"]);
    let asked = Program::Andon.create(&home, &["asks"]);
    home.andon(&["block", &asked, "which one"]);
    let given_up = Program::Andon.create(&home, &["fails", "--assignee", "broken"]);
    home.andon(&["up", "--once-empty"]);
    assert_eq!(Program::Andon.status(&home, &given_up), "blocked");
    // Without this one nothing would show that the peer promotes anything at all.
    let born_blocked_there =
        Program::Hermes.create(&home, &["waits", "--initial-status", "blocked"]);

    let pass = pass(&home);
    assert_eq!(pass["recomputed"], 1, "{pass}");
    assert_eq!(pass["skipped_locked"], false, "{pass}");
    assert_eq!(pass["started"], json("[]"), "{pass}");
    assert_eq!(Program::Hermes.status(&home, &born_blocked_there), "ready");
    for task in [&born_blocked, &asked, &given_up] {
        assert_eq!(Program::Hermes.status(&home, task), "blocked", "{task}");
    }
}

fn pass(home: &SharedHome) -> Value {
    json(&succeed(home.script("dispatch.py").arg(home.database())))
}
