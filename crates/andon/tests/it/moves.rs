//! Verbs that move tasks: their lines, their JSON, their refusals.

use crate::env::TestEnv;
use insta::assert_snapshot;

fn board() -> TestEnv {
    let env = TestEnv::new();
    env.write(".local/share/andon/profiles.toml", "[profiles.alice]\nmanual = true\n");
    env
}

#[test]
fn assigning_says_to_whom() {
    let env = board();
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
    let env = board();
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
    let env = board();
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
    andon: cannot claim <task-1>: it is running; this needs ready, review
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
fn a_claim_without_a_workspace_is_given_back() {
    let env = board();
    let task = env.create(&["A", "--workspace", "worktree:/dev/null/x"]);
    let ran = env.run(&["claim", &task]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains(": it has no workspace: "), "{}", ran.stderr);
    assert_eq!(env.status(&task), "ready");
}

#[test]
fn s30_a_heartbeat_renews_the_claim() {
    let env = board();
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
fn completing_several_tasks_does_not_stop_at_one_that_is_refused() {
    let env = board();
    let (a, b) = (env.create(&["A"]), env.create(&["B"]));
    let idea = env.create(&["Idea", "--triage"]);
    assert_snapshot!(env.run(&["complete", &a, &idea, &b, "--result", "fine"]), @"
    exit 1
    -- stdout
    Completed <task-1>
    Completed <task-2>
    -- stderr
    andon: cannot complete <task-3>: it is triage; this needs running, ready, blocked, review
    ");
    let c = env.create(&["C"]);
    assert_snapshot!(env.run(&["complete", &c, &idea, &c, "--json"]), @r#"
    exit 1
    -- stdout
    [
      {
        "task_id": "<task-1>",
        "change": "moved",
        "status": "done",
        "run_id": null,
        "event_id": 7,
        "at": <unix>,
        "error": null
      },
      {
        "task_id": "<task-2>",
        "change": null,
        "status": null,
        "run_id": null,
        "event_id": null,
        "at": null,
        "error": {
          "code": "wrong_status",
          "message": "cannot complete <task-2>: it is triage; this needs running, ready, blocked, review",
          "hint": null
        }
      }
    ]
    "#);
}

#[test]
fn artifacts_of_the_metadata_are_named_in_the_event() {
    let env = board();
    let task = env.create(&["A"]);
    let metadata = r#"{"artifacts": ["/a.txt", 7, "/b.txt"]}"#;
    env.ok(&["complete", &task, "--metadata", metadata, "--summary", "Wrote two files"]);
    let events = &env.json(&["show", &task])["events"];
    assert_eq!(events[1]["payload"]["artifacts"], serde_json::json!(["/a.txt", "/b.txt"]));
}

#[test]
fn b25_files_that_a_worker_names_are_neither_opened_nor_kept() {
    let env = board();
    let own = env.write("own.txt", "mine").display().to_string();
    std::os::unix::fs::symlink(&own, env.path().join("link")).unwrap();
    let task = env.create(&["A"]);
    let metadata = serde_json::json!({
        "artifacts": ["/gone/missing.txt", "relative.txt", env.path().join("link"), own],
        "_staged_artifacts": [{"path": own, "stored_path": own, "filename": "own.txt"}],
    });
    let metadata = metadata.to_string();
    env.ok(&["complete", &task, "--metadata", &metadata, "--summary", "Wrote files"]);
    let shown = env.json(&["show", &task]);
    assert_eq!(shown["task"]["status"], "done");
    assert_eq!(shown["attachments"], serde_json::json!([]));
    env.ok(&["archive", &task]);
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "mine");
}

#[test]
fn edit_rewrites_a_hand_off_or_changes_the_task() {
    let env = board();
    let task = env.create(&["Tilte"]);
    assert_snapshot!(env.run(&["edit", &task, "--title", "Title", "--priority", "3"]), @"
    exit 0
    -- stdout
    Edited <task-1>
    ");
    assert_snapshot!(env.run(&["edit", &task, "--result", "r"]), @"
    exit 1
    -- stderr
    andon: cannot edit <task-1>: it is ready; this needs done
    ");
    env.ok(&["complete", &task]);
    assert_snapshot!(env.run(&["edit", &task, "--result", "r", "--summary", "s"]), @"
    exit 0
    -- stdout
    Edited <task-1>
    ");
    assert_snapshot!(env.run(&["edit", &task]), @"
    exit 2
    -- stderr
    andon: nothing to change is named
      hint: give --result, --title, --body, --priority or another field
    ");
    assert_snapshot!(env.run(&["edit", &task, "--result", "r", "--title", "t"]), @"
    exit 2
    -- stderr
    andon: the hand-off and the task itself cannot be changed in one call
    ");
    let shown = env.json(&["show", &task]);
    assert_eq!(shown["task"]["title"], "Title");
    assert_eq!(shown["task"]["result"], "r");
    assert_eq!(shown["latest_summary"], "s");
}

#[test]
fn blocking_says_where_the_task_landed() {
    let env = board();
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
    let env = board();
    let (idea, ready) = (env.create(&["Idea", "--triage"]), env.create(&["A"]));
    let ran = env.run(&["block", &idea, "why", "--ids", "t_00000000", &ready]);
    assert_eq!(ran.code, 1);
    assert_eq!(env.json(&["show", &idea])["comments"], serde_json::json!([]));
    assert_eq!(env.status(&ready), "blocked", "the batch goes on after a refusal");
}

#[test]
fn s29_unblocking_a_task_with_open_parents_says_that_it_waits() {
    let env = board();
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
    let env = board();
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
    let env = board();
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
    andon: unsatisfied parent dependencies: <task-1>
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

#[test]
fn archiving_says_so_and_releases_children() {
    let env = board();
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
    let env = board();
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
    let env = board();
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
