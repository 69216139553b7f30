//! Verbs that let a task wait or end its wait: their lines, their JSON, their refusals.

use crate::env::TestEnv;
use insta::assert_snapshot;

#[test]
fn blocking_says_where_the_task_landed() {
    let env = TestEnv::with_alice();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    let child = env.create(&["Child"]);
    env.ok(&["link", &a, &child]);
    env.ok(&["promote", &child, "--force"]);
    assert_snapshot!(env.run(&["block", &child, "--kind", "dependency", "needs", "A"]), @"
    exit 0
    -- stdout
    <task-1> → todo (dependency wait): needs A
    ");
    assert_snapshot!(env.run(&["block", &a, "--kind", "capability", "no", "tools", "--ids", &b]), @"
    exit 0
    -- stdout
    Blocked <task-1>: no tools
    Blocked <task-2>: no tools
    ");
    assert_snapshot!(env.run(&["unblock", &a, "--reason", "found some"]), @"
    exit 0
    -- stdout
    Unblocked <task-1>: found some
    ");
    assert_snapshot!(env.run(&["block", &a, "again", "--kind", "capability"]), @"
    exit 0
    -- stdout
    <task-1> → triage (blocked again for the same reason): again
    ");
    assert_snapshot!(env.run(&["block", &a, "once more"]), @"
    exit 1
    -- stderr
    andon: cannot block <task-1>: it is triage; this needs running, ready
    ");
}

#[test]
fn s19_a_refused_block_leaves_no_comment() {
    let env = TestEnv::with_alice();
    let (idea, ready) = (env.create(&["Idea", "--triage"]), env.create(&["A"]));
    let ran = env.run(&["block", &idea, "why", "--ids", "t_00000000", &ready]);
    assert_eq!(ran.code, 1);
    assert_eq!(env.json(&["show", &idea])["comments"], serde_json::json!([]));
    assert_eq!(env.status(&ready), "blocked", "the batch goes on after a refusal");
}

#[test]
fn s29_unblocking_a_task_with_open_parents_says_that_it_waits() {
    let env = TestEnv::with_alice();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    env.ok(&["block", &b]);
    env.ok(&["link", &a, &b]);
    assert_snapshot!(env.run(&["unblock", &b]), @"
    exit 0
    -- stdout
    Unblocked <task-1> → todo (waits for its parents)
    ");
}

#[test]
fn scheduling_says_until_when() {
    let env = TestEnv::with_alice();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["schedule", &task, "after", "lunch", "--at", "+2h"]), @"
    exit 0
    -- stdout
    Scheduled <task-1> until <time>: after lunch
    ");
    assert!(env.json(&["show", &task])["task"]["due_at"].is_i64());
    let other = env.create(&["B"]);
    assert_snapshot!(env.run(&["schedule", &other]), @"
    exit 0
    -- stdout
    Scheduled <task-1>
    ");
}

#[test]
fn promote_answers_an_object_for_one_task_and_a_list_for_several() {
    let env = TestEnv::with_alice();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    env.ok(&["link", &a, &b]);
    assert_snapshot!(env.run(&["promote", &b, "--dry-run", "--json"]), @r#"
    exit 1
    -- stdout
    {
      "task_id": "<task-1>",
      "promoted": false,
      "dry_run": true,
      "forced": false,
      "reason": null,
      "error": "unsatisfied parent dependencies: <task-2> (use --force to override)"
    }
    "#);
    assert_snapshot!(env.run(&["promote", &b, "--dry-run"]), @"
    exit 1
    -- stderr
    andon: cannot promote <task-1>: unsatisfied parent dependencies: <task-2>
      hint: use --force to override
    ");
    assert_snapshot!(env.run(&["promote", &b, "--force", "--dry-run"]), @"
    exit 0
    -- stdout
    Would promote <task-1> -> ready (dry)
    ");
    assert_eq!(env.status(&b), "todo", "a dry run changes nothing");
    assert_snapshot!(env.run(&["promote", &b, "--force", "in", "a", "hurry"]), @"
    exit 0
    -- stdout
    Promoted <task-1> -> ready: in a hurry
    ");
    assert_snapshot!(env.run(&["promote", &a, "--ids", &b, &a, "--json"]), @r#"
    exit 1
    -- stdout
    [
      {
        "task_id": "<task-1>",
        "promoted": false,
        "dry_run": false,
        "forced": false,
        "reason": null,
        "error": "cannot promote <task-1>: it is ready; this needs todo, blocked"
      },
      {
        "task_id": "<task-2>",
        "promoted": false,
        "dry_run": false,
        "forced": false,
        "reason": null,
        "error": "cannot promote <task-2>: it is ready; this needs todo, blocked"
      }
    ]
    "#);
}
