//! `create` and the shape of a task.

use crate::env::TestEnv;
use insta::assert_snapshot;

#[test]
fn the_first_create_makes_the_board_and_says_one_line() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["create", "Write the parser"]), @"
    exit 0
    -- stdout
    Created <task-1>  (ready, assignee=-)
    ");
    assert!(env.database().exists());
}

#[test]
fn json_has_the_21_fields_of_the_peer_first_and_ours_after_them() {
    let env = TestEnv::with_alice();
    let line = "--assignee Alice --priority 5 --tenant acme --skill translation \
        --skill github-code-review --max-runtime 30m --max-retries 3 --idempotency-key k1 \
        --created-by me --body short --json";
    let flags: Vec<&str> = line.split_whitespace().collect();
    let ran = env.run(&[&["create", "Write the parser"], &flags[..]].concat());
    assert_snapshot!(ran, @r#"
    exit 0
    -- stdout
    {
      "id": "<task-1>",
      "title": "Write the parser",
      "body": "short",
      "assignee": "alice",
      "status": "ready",
      "priority": 5,
      "tenant": "acme",
      "workspace_kind": "scratch",
      "workspace_path": null,
      "branch_name": null,
      "project_id": null,
      "created_by": "me",
      "created_at": <unix>,
      "started_at": null,
      "completed_at": null,
      "result": null,
      "skills": [
        "translation",
        "github-code-review"
      ],
      "max_retries": 3,
      "session_id": null,
      "workflow_template_id": null,
      "current_step_key": null,
      "max_runtime_seconds": 1800,
      "goal_mode": false,
      "goal_max_turns": null,
      "idempotency_key": "k1",
      "model_override": null,
      "block_kind": null,
      "block_recurrences": 0,
      "consecutive_failures": 0,
      "last_failure_error": null,
      "current_run_id": null,
      "claim_lock": null,
      "claim_expires": null,
      "due_at": null,
      "not_before": null
    }
    "#);
}

#[test]
fn a_repeated_key_answers_as_the_first_create_did() {
    let env = TestEnv::new();
    let first = env.ok(&["create", "One", "--idempotency-key", "k"]);
    assert_eq!(env.ok(&["create", "Other", "--idempotency-key", "k"]), first);
    assert_eq!(env.json(&["list"]).as_array().unwrap().len(), 1);
}

#[test]
fn where_a_task_begins_follows_from_its_flags_and_parents() {
    let env = TestEnv::new();
    let parent = env.create(&["Parent"]);
    let begin = |flags: &[&str]| {
        let flags: Vec<&str> = ["Child"].iter().chain(flags).copied().collect();
        env.status(&env.create(&flags))
    };
    assert_eq!(begin(&["--parent", &parent]), "todo");
    assert_eq!(begin(&["--triage"]), "triage");
    assert_eq!(begin(&["--initial-status", "blocked"]), "blocked");
    assert_eq!(begin(&["--at", "+2h"]), "scheduled");
    assert_eq!(begin(&["--priority", "-3"]), "ready");
}

#[test]
fn s2_a_task_that_begins_blocked_stays_blocked_when_lists_are_read() {
    let env = TestEnv::new();
    let task = env.create(&["Gate", "--initial-status", "blocked"]);
    env.ok(&["list"]);
    assert_eq!(env.status(&task), "blocked");
}

#[test]
fn a_body_comes_from_a_file_or_from_stdin() {
    let env = TestEnv::new();
    env.write("brief.md", "From a file\n");
    let file = env.create(&["A", "--body-file", "brief.md"]);
    assert_eq!(env.json(&["show", &file])["task"]["body"], "From a file\n");
    let ran = env.run_with_input(&["create", "B", "--body-file", "-", "--json"], b"From stdin");
    let made: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(made["body"], "From stdin");
}

#[test]
fn a_workspace_may_begin_with_a_tilde() {
    let env = TestEnv::new();
    let task = env.json(&["create", "A", "--workspace", "dir:~/work"]);
    assert_eq!(task["workspace_path"], env.path().join("work").to_str().unwrap());
}

#[test]
fn a_ready_task_that_nothing_starts_is_pointed_out_to_people_only() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["create", "A", "--assignee", "shell"]), @"
    exit 0
    -- stdout
    Created <task-1>  (ready, assignee=shell)
    -- stderr
    ⚠ no dispatcher runs for this board: start one with `andon up`
    ");
    assert_eq!(env.run(&["create", "A", "--assignee", "shell", "--json"]).stderr, "");
}

#[test]
fn on_a_hermes_home_a_project_that_chooses_nothing_is_told() {
    let env = TestEnv::new();
    let told = |arguments: &[&str]| env.run(arguments).stderr.contains("chooses no directory");
    env.ok(&["init"]);
    assert!(!told(&["create", "A", "--project", "web"]));
    env.write(".local/share/andon/config.yaml", "");
    assert!(told(&["create", "A", "--project", "web"]));
    assert!(!told(&["create", "A", "--project", "web", "--workspace", "worktree:/srv/web"]));
    assert!(!told(&["create", "A"]));
}
