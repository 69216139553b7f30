//! `complete` and the hand-off that it leaves: their lines, their JSON, their refusals.

use crate::env::TestEnv;
use insta::assert_snapshot;

#[test]
fn completing_several_tasks_does_not_stop_at_one_that_is_refused() {
    let env = TestEnv::with_alice();
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
    let env = TestEnv::with_alice();
    let task = env.create(&["A"]);
    let metadata = r#"{"artifacts": ["/a.txt", 7, "/b.txt"]}"#;
    env.ok(&["complete", &task, "--metadata", metadata, "--summary", "Wrote two files"]);
    let events = &env.json(&["show", &task])["events"];
    assert_eq!(events[1]["payload"]["artifacts"], serde_json::json!(["/a.txt", "/b.txt"]));
}

#[test]
fn b25_files_that_a_worker_names_are_neither_opened_nor_kept() {
    let env = TestEnv::with_alice();
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
    let env = TestEnv::with_alice();
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
fn an_empty_text_clears_every_field_that_may_be_absent() {
    let env = TestEnv::with_alice();
    let task = env.create(&[
        "A",
        "--body=b",
        "--tenant=t",
        "--max-runtime=1h",
        "--max-retries=3",
        "--skill=s",
        "--model=m",
    ]);
    let absent = "body tenant max_runtime_seconds max_retries skills model_override".split(' ');
    let absent: Vec<&str> = absent.collect();
    let read = || env.json(&["show", &task])["task"].clone();
    let before = read();
    absent.iter().for_each(|field| assert!(!before[field].is_null(), "{field}: {before}"));
    let flags =
        ["--body=", "--tenant=", "--max-runtime=", "--max-retries=", "--skill=", "--model="];
    env.ok(&[&["edit", &task][..], &flags].concat());
    let after = read();
    let is_clear = |field: &str| after[field].is_null() || after[field] == serde_json::json!([]);
    absent.iter().for_each(|field| assert!(is_clear(field), "{field}: {after}"));
    assert_eq!(env.run(&["edit", &task, "--max-retries", "x"]).code, 2);
}

#[test]
fn numbers_of_the_metadata_keep_every_digit() {
    const NUMBERS: [&str; 7] = [
        "0.1",
        "123456789012345678901234567890",
        "1.7976931348623157e+308",
        "1.0",
        "-0.0",
        "0.30000000000000004",
        "6.02214076e+23",
    ];
    let env = TestEnv::with_alice();
    let members = NUMBERS.iter().enumerate();
    let members = members.map(|(at, number)| format!("\"number{at}\": {number}"));
    let members: Vec<String> = members.collect();
    let metadata = format!("{{{}}}", members.join(", "));
    let (parent, child) = (env.create(&["A"]), env.create(&["B"]));
    env.ok(&["link", &parent, &child]);
    env.ok(&["complete", &parent, "--metadata", &metadata]);
    tells(&env.ok(&["show", &parent, "--json"]), &NUMBERS);
    tells(&env.ok(&["runs", &parent, "--json"]), &NUMBERS);
    assert!(env.ok(&["context", &child]).contains(&metadata));

    env.ok(&["edit", &parent, "--result", "r", "--metadata", r#"{"n": 1}"#]);
    env.ok(&["edit", &parent, "--result", "r", "--metadata", &metadata]);
    let board = rusqlite::Connection::open(env.database()).unwrap();
    let stored: String =
        board.query_one("SELECT metadata FROM task_runs", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, metadata);
    let event = "UPDATE task_events SET payload = ?1 WHERE kind = 'completed'";
    board.execute(event, [&metadata]).unwrap();
    board.execute("UPDATE task_runs SET metadata = NULL", []).unwrap();
    tells(&env.ok(&["show", &parent, "--json"]), &NUMBERS);
}

/// Checks the members `number0`, `number1` and so on of a document, by their digits.
fn tells(document: &str, numbers: &[&str]) {
    let members = document.lines().filter_map(|line| line.trim().strip_prefix("\"number"));
    let values = members.filter_map(|member| member.split_once(": "));
    let values: Vec<&str> = values.map(|(_, value)| value.trim_end_matches(',')).collect();
    assert_eq!(values, numbers);
}
