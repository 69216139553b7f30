//! `list`, `show`, `runs`, `stats`, `context`: reading.

use crate::env::TestEnv;
use insta::assert_snapshot;

fn board() -> TestEnv {
    let env = TestEnv::new();
    env.write(
        ".local/share/andon/profiles.toml",
        "[profiles.alice]\nmanual = true\n[profiles.tester]\nmanual = true\n",
    );
    env.ok(&["create", "Parse the grammar", "--assignee", "alice", "--priority", "5"]);
    let tree = ["--tenant", "acme", "--body", "After the GRAMMAR", "--priority", "4"];
    env.ok(&[&["create", "Print the tree"], &tree[..]].concat());
    env.ok(&["create", "An idea", "--triage", "--assignee", "tester", "--priority", "3"]);
    env.ok(&["create", "A gate", "--initial-status", "blocked", "--priority", "2"]);
    env
}

#[test]
fn a_list_shows_one_line_per_task_with_an_icon_for_each_status() {
    let env = board();
    assert_snapshot!(env.run(&["list"]), @"
    exit 0
    -- stdout
    ▶ <task-1>  ready     alice                 Parse the grammar
    ▶ <task-2>  ready     -                    [acme]  Print the tree
    ◇ <task-3>  triage    tester                An idea
    ⊘ <task-4>  blocked   -                     A gate
    ");
    assert_eq!(env.ok(&["ls"]), env.ok(&["list"]));
}

#[test]
fn s27_a_list_can_be_searched_limited_and_filtered() {
    let env = board();
    let titles = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["list"].iter().chain(arguments).copied().collect();
        let tasks = env.json(&arguments);
        let titles = tasks.as_array().unwrap().iter().map(|task| task["title"].clone());
        titles.map(|title| title.as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(titles(&["--search", "grammar"]), "Parse the grammar, Print the tree");
    assert_eq!(titles(&["--limit", "1"]), "Parse the grammar");
    assert_eq!(titles(&["--limit", "1", "--offset", "1"]), "Print the tree");
    assert_eq!(titles(&["--status", "triage,blocked", "--sort", "title"]), "A gate, An idea");
    assert_eq!(titles(&["--status", "triage", "--status", "blocked"]), "An idea, A gate");
    assert_eq!(titles(&["--assignee", " ALICE "]), "Parse the grammar");
    assert_eq!(titles(&["--unassigned", "--status", "ready"]), "Print the tree");
    assert_eq!(titles(&["--mine"]), "An idea");
    assert_eq!(titles(&["--tenant", "acme"]), "Print the tree");
    assert_eq!(titles(&["--search", "nothing like it"]), "");
    assert_snapshot!(env.run(&["list", "--search", "nothing like it"]), @"
    exit 0
    -- stdout
    (no matching tasks)
    ");
}

#[test]
fn with_several_boards_a_list_says_which_one_it_shows() {
    let env = board();
    env.write(".local/share/andon/kanban/boards/side/board.json", "{}");
    assert!(
        env.ok(&["list"]).starts_with("Board: default (1 other board — andon boards list)\n\n")
    );
}

#[test]
fn s9_reading_writes_nothing() {
    let env = board();
    let before = env.json(&["watch", "--since", "0", "--limit", "1"]);
    let log = env.home().join("kanban.db-wal");
    let stored = || [env.database(), log.clone()].map(|file| std::fs::read(file).unwrap());
    let bytes = stored();
    for verb in ["list", "stats"] {
        env.ok(&[verb]);
    }
    assert!(stored() == bytes, "database and log are as they were");
    assert_eq!(env.json(&["watch", "--since", "0", "--limit", "1"]), before);
}

#[test]
fn show_tells_everything_about_a_task() {
    let env = board();
    let parent = env.create(&["Parent"]);
    let task = env.create(&["Child", "--parent", &parent, "--body", "Two\nlines", "--tenant", "t"]);
    env.ok(&["complete", &parent, "--summary", "Parsed it"]);
    env.ok(&["comment", &task, "looks", "good"]);
    env.ok(&["claim", &task]);
    env.ok(&["heartbeat", &task, "--note", "half way"]);
    assert_snapshot!(env.run(&["show", &task]), @r#"
    exit 0
    -- stdout
    Task <task-1>: Child
      status:      running
      assignee:    -
      tenant:      t
      workspace:   scratch @ <home>/kanban/workspaces/<task-1>
      max-retries: 2 (default)
      created:     <time> by tester
      started:     <time>
      parents:     <task-2>

    Body:
    Two
    lines

    Comments (1):
      [<time>] tester: looks good

    Events (6):
      [<time>] created {"assignee": null, "status": "todo", "parents": ["<task-2>"], "tenant": "t", "branch_name": null, "skills": null, "goal_mode": null}
      [<time>] promoted
      [<time>] commented {"author": "tester", "len": 10}
      [<time>] claimed {"lock": "<host>:<pid>:<random>", "expires": <unix>, "run_id": 2}
      [<time>] edited {"fields": ["workspace"]}
      [<time>] heartbeat {"note": "half way"}

    Runs (1):
      #2 running @- <n>s <time>
    "#);
}

#[test]
fn s25_show_answers_programs_with_everything_in_a_fixed_order() {
    let env = board();
    let parent = env.create(&["Parent"]);
    let child = env.create(&["Child", "--parent", &parent]);
    env.ok(&["complete", &parent, "--summary", "Parsed it"]);
    env.ok(&["comment", &parent, "hi"]);
    let shown = env.json(&["show", &parent]);
    let keys = |value: &serde_json::Value| {
        value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        keys(&shown),
        "task latest_summary parents children comments events runs attachments"
    );
    assert_eq!(shown["latest_summary"], "Parsed it");
    assert_eq!(shown["children"], serde_json::json!([child]));
    assert_eq!(keys(&shown["comments"][0]), "author body created_at id");
    assert_eq!(keys(&shown["events"][0]), "kind payload created_at run_id id");
    assert_eq!(
        keys(&shown["runs"][0]),
        "id profile step_key status outcome summary error metadata worker_pid started_at ended_at \
         max_runtime_seconds last_heartbeat_at claim_expires stopping_to processes_gone_at"
    );
}

#[test]
fn runs_are_filtered_by_status_or_outcome_with_both_flags() {
    let env = board();
    let task = env.create(&["A"]);
    assert_snapshot!(env.run(&["runs", &task]), @"
    exit 0
    -- stdout
    (no runs of <task-1>)
    ");
    env.ok(&["claim", &task]);
    env.ok(&["reclaim", &task, "--reason", "took too long"]);
    env.ok(&["claim", &task]);
    assert_snapshot!(env.run(&["runs", &task]), @"
    exit 0
    -- stdout
         #  OUTCOME       PROFILE                ELAPSED  STARTED
         1  reclaimed     -                           <n>s  <time>
            ✖ manual_reclaim: took too long
         2  running       -                           <n>s  <time>
    ");
    let of = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["runs", &task].iter().chain(arguments).copied().collect();
        env.json(&arguments).as_array().unwrap().len()
    };
    assert_eq!(of(&[]), 2);
    assert_eq!(of(&["--state-type", "status", "--state-name", "running"]), 1);
    assert_eq!(of(&["--state-type", "outcome", "--state-name", "reclaimed"]), 1);
    assert_snapshot!(env.run(&["runs", &task, "--state-type", "status"]), @"
    exit 2
    -- stderr
    andon: --state-type and --state-name need each other
    ");
    assert_snapshot!(env.run(&["show", &task, "--state-name", "x"]), @"
    exit 2
    -- stderr
    andon: --state-type and --state-name need each other
    ");
}

#[test]
fn stats_count_every_status_and_assignee() {
    let env = board();
    let mut stats = env.json(&["stats"]);
    let age = stats["oldest_ready_age_seconds"].take();
    assert!((0..60).contains(&age.as_i64().unwrap()), "{age}");
    assert!(stats["now"].take().is_i64());
    let expected = serde_json::json!({
        "by_status": {"triage": 1, "ready": 2, "blocked": 1},
        "by_assignee": {"alice": {"ready": 1}, "tester": {"triage": 1}},
        "oldest_ready_age_seconds": null,
        "now": null,
    });
    assert_eq!(stats.to_string(), expected.to_string(), "fields in this order");
    let human = env.ok(&["stats"]);
    assert!(human.contains("review            0"), "{human}");
    assert!(human.contains("  alice                ready=1\n"), "{human}");
}

#[test]
fn a_context_tells_of_the_parent_and_the_comments() {
    let env = board();
    let parent = env.create(&["Parent"]);
    let task =
        env.create(&["Child", "--parent", &parent, "--body", "Do it", "--assignee", "alice"]);
    env.ok(&["complete", &parent, "--result", "42", "--metadata", r#"{"b": 1, "a": 2}"#]);
    let text = env.ok(&["context", &task]);
    assert!(
        text.starts_with(&format!("# Kanban task {task}: Child\n\nAssignee: alice\n")),
        "{text}"
    );
    assert!(text.contains(&format!("### {parent} (completed just now)\n42\n")), "{text}");
    assert!(text.contains("_metadata_: `{\"a\": 2, \"b\": 1}`"), "{text}");
    assert_eq!(env.json(&["context", &task])["context"], text);
}
