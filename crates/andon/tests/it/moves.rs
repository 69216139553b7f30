//! Verbs that move tasks: their lines, their JSON, their refusals.

use crate::env::TestEnv;
use insta::assert_snapshot;

#[test]
fn assigning_says_to_whom() {
    let env = TestEnv::with_alice();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["assign", &task, "Alice"]), @"
    exit 0
    -- stdout
    Assigned <task-1> to alice
    ");
    assert_snapshot!(env.run(&["assign", &task, "NONE"]), @"
    exit 0
    -- stdout
    Assigned <task-1> to (unassigned)
    ");
    env.ok(&["claim", &task]);
    assert_eq!(env.run(&["assign", &task, "alice"]).code, 1);
}

#[test]
fn linking_and_unlinking_say_what_they_did() {
    let env = TestEnv::with_alice();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    assert_snapshot!(env.run(&["link", &a, &b]), @"
    exit 0
    -- stdout
    Linked <task-1> -> <task-2>
    ");
    assert_eq!(env.status(&b), "todo");
    assert_snapshot!(env.run(&["unlink", &a, &b, "--json"]), @r#"
    exit 0
    -- stdout
    {
      "task_id": "<task-1>",
      "change": "recorded",
      "status": null,
      "run_id": null,
      "event_id": 5,
      "at": <unix>,
      "error": null
    }
    "#);
    assert_eq!(env.status(&b), "ready");
}

#[test]
fn s30_a_claim_gives_its_run_its_lock_and_its_end() {
    let env = TestEnv::with_alice();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["claim", &task, "--ttl", "1h"]), @"
    exit 0
    -- stdout
    Claimed <task-1>
    Workspace: <home>/kanban/workspaces/<task-1>
    Run: 1
    Lock: <host>:<pid>:<random>
    Expires: <time>
    ");
    assert_snapshot!(env.run(&["claim", &task]), @"
    exit 1
    -- stderr
    andon: cannot claim <task-1>: it is running, claimed by <host>:<pid>:<random>; this needs ready, review
    ");
    let other = env.create(&["B"]);
    assert_snapshot!(env.run(&["claim", &other, "--json"]), @r#"
    exit 0
    -- stdout
    {
      "task_id": "<task-1>",
      "run_id": 2,
      "claim_lock": "<host>:<pid>:<random>",
      "claim_expires": <unix>,
      "workspace": "<home>/kanban/workspaces/<task-1>"
    }
    "#);
}

#[test]
fn s30_a_heartbeat_renews_the_claim() {
    let env = TestEnv::with_alice();
    let task = env.create(&["A"]);
    let claim = env.json(&["claim", &task, "--ttl", "1s"]);
    assert_snapshot!(env.run(&["heartbeat", &task, "--note", "reading"]), @"
    exit 0
    -- stdout
    Heartbeat recorded for <task-1>
    ");
    let expires = &env.json(&["show", &task])["task"]["claim_expires"];
    assert!(expires.as_i64() > claim["claim_expires"].as_i64());
    assert_snapshot!(env.run(&["heartbeat", &task, "--lock", "other"]), @"
    exit 1
    -- stderr
    andon: the claim on <task-1> is held by another: <host>:<pid>:<random>
    ");
}

#[test]
fn archiving_says_so_and_releases_children() {
    let env = TestEnv::with_alice();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    env.ok(&["link", &a, &b]);
    assert_snapshot!(env.run(&["archive", &a]), @"
    exit 0
    -- stdout
    Archived <task-1>
    ");
    assert_snapshot!(env.run(&["archive", &a]), @"
    exit 1
    -- stderr
    andon: <task-1> is archived already
    ");
    assert_eq!(env.status(&b), "ready");
}

#[test]
fn comments_are_joined_and_cut() {
    let env = TestEnv::with_alice();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["comment", &task, "hello", "world"]), @"
    exit 0
    -- stdout
    Comment added to <task-1>
    ");
    assert_snapshot!(
        env.run(&["comment", &task, "a longer text than that", "--max-len", "14", "--author", "me", "--json"]),
        @r#"
        exit 0
        -- stdout
        {
          "task_id": "<task-1>",
          "author": "me",
          "length": 14,
          "event_id": 3
        }
        "#
    );
    assert_eq!(env.run(&["comment", &task, "x", "--max-len", "0"]).code, 2);
    let comments = &env.json(&["show", &task])["comments"];
    assert_eq!(comments[0]["author"], "tester");
    assert_eq!(comments[0]["body"], "hello world");
    assert_eq!(comments[1]["body"], "a long … [cut]");
}

#[test]
fn ending_a_claim_without_a_runner_needs_no_waiting() {
    let env = TestEnv::with_alice();
    let task = env.create(&["A"]);
    env.ok(&["claim", &task]);
    assert_snapshot!(env.run(&["reclaim", &task, "--reason", "lost"]), @"
    exit 0
    -- stdout
    Reclaimed <task-1>
    ");
    env.ok(&["claim", &task]);
    assert_snapshot!(env.run(&["cancel", &task, "--reason", "not wanted"]), @"
    exit 0
    -- stdout
    Cancelled <task-1>: not wanted
    ");
    assert_eq!(env.status(&task), "blocked");
}
