//! Repairs with the real binary: of boards in order, with damaged indexes, with pages that are
//! ruined, in use, in quarantine, and killed at each step.

mod damage;

use crate::env::TestEnv;
use crate::processes::{self, Up, eventually};
use damage::{PAGE, lose_an_index_row, overwrite, ruin};
use insta::assert_snapshot;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for a dispatcher.
const LIMIT: Duration = Duration::from_secs(60);

/// A board with three tasks, all of it in the database.
fn board(env: &TestEnv) {
    env.ok(&["init"]);
    for title in ["A", "B", "C"] {
        env.create(&[title, "--assignee", "shell", "--body", "true"]);
    }
    // The last one to close a board takes the log along.
    Connection::open(env.database()).unwrap().execute_batch("SELECT * FROM tasks").unwrap();
}

fn titles(env: &TestEnv) -> Vec<String> {
    let tasks = env.json(&["list"]);
    let title = |task: &serde_json::Value| task["title"].as_str().unwrap().to_owned();
    let mut titles: Vec<String> = tasks.as_array().unwrap().iter().map(title).collect();
    titles.sort();
    titles
}

/// Files beside the board whose names have this in them.
fn beside(env: &TestEnv, part: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(env.home()).unwrap().map(|entry| entry.unwrap().path());
    let has_part = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.contains(part) && name.ends_with(".bak")
    };
    entries.filter(has_part).collect()
}

/// What a call shows, without the number that is made of the content.
fn shown(env: &TestEnv, arguments: &[&str]) -> String {
    let text = env.run(arguments).to_string();
    let (mut shown, mut rest) = (String::new(), text.as_str());
    while let Some((before, after)) = rest.split_once(".broken-andon-") {
        shown.push_str(before);
        shown.push_str(".broken-andon-<sum>");
        rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    shown + rest
}

#[test]
fn a_board_in_order_is_not_repaired() {
    let env = TestEnv::new();
    board(&env);
    assert_snapshot!(env.run(&["repair"]), @"
    exit 1
    -- stderr
    andon: refusing to open <home>/kanban.db: there is nothing to repair: the board is in order
      hint: see `andon doctor` for everything else
    ");
    assert!(beside(&env, "andon").is_empty());
}

#[test]
fn a_home_without_a_board_says_so() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["repair"]), @"
    exit 1
    -- stderr
    andon: no board at <home>/kanban.db: its directory does not exist
      hint: make a board with `andon init`
    ");
    assert!(!env.home().exists());
}

#[test]
fn indexes_alone_are_written_anew() {
    let env = TestEnv::new();
    board(&env);
    lose_an_index_row(&env);
    assert_snapshot!(env.run(&["repair"]), @"
    exit 0
    -- stdout
    What was wrong: row 3 missing from index idx_tasks_status
    Repaired board default with 3 tasks: its indexes were written anew, no row was changed
    A copy of the board as it was: <home>/kanban.db.before-mending-andon-<unix>.bak
    ");
    assert_eq!(titles(&env), ["A", "B", "C"]);
    assert_eq!(env.run(&["doctor"]).code, 0);
}

#[test]
fn every_row_of_every_other_page_comes_back_and_the_rest_is_told() {
    let env = TestEnv::new();
    board(&env);
    ruin(&env, "task_events");
    let before = fs::read(env.database()).unwrap();
    for verb in [&["backup"][..], &["create", "D"], &["doctor"]] {
        assert_eq!(env.run(verb).code, 1, "{verb:?}");
    }
    assert!(fs::read(env.database()).unwrap() == before);
    assert_snapshot!(shown(&env, &["repair"]), @"
    exit 0
    -- stdout
    What was wrong: database disk image is malformed (SQLite code 11)
    Repaired board default with 3 tasks, 6 rows in all: not every row
      not read: task_events, page 8: it is no page of a tree
      missing from task_events, as index idx_events_task tells: 3 rows: 1 (<task-1>, <unix>), 2 (<task-2>, <unix>), 3 (<task-3>, <unix>)
    What was there before: <home>/kanban.db.replaced-andon-<unix>.bak
    A copy of it: <home>/kanban.db.broken-andon-<sum>.bak
    ");
    assert_eq!(titles(&env), ["A", "B", "C"]);
    env.create(&["D"]);
    assert_eq!(env.run(&["doctor"]).code, 0);
    let aside = beside(&env, ".replaced-andon-");
    assert!(fs::read(&aside[0]).unwrap() == before);
}

#[test]
fn the_json_has_these_fields_and_says_what_is_lost() {
    let env = TestEnv::new();
    board(&env);
    ruin(&env, "task_events");
    let text = shown(&env, &["repair", "--json"]);
    assert_snapshot!(text, @r#"
    exit 0
    -- stdout
    {
      "board": "default",
      "db_path": "<home>/kanban.db",
      "finding": "database disk image is malformed (SQLite code 11)",
      "how": "salvaged",
      "complete": false,
      "tasks": 3,
      "tables": [
        {
          "table": "tasks",
          "rows": 3
        },
        {
          "table": "andon_ops",
          "rows": 3
        }
      ],
      "set_aside": 0,
      "unread": [
        {
          "table": "task_events",
          "page": 8,
          "above": null,
          "up_to": null,
          "why": "it is no page of a tree"
        }
      ],
      "unread_more": 0,
      "missing": [
        {
          "table": "task_events",
          "index": "idx_events_task",
          "rows": 3,
          "named": [
            "1 (<task-1>, <unix>)",
            "2 (<task-2>, <unix>)",
            "3 (<task-3>, <unix>)"
          ]
        }
      ],
      "log": "none",
      "copy": "<home>/kanban.db.broken-andon-<sum>.bak",
      "aside": "<home>/kanban.db.replaced-andon-<unix>.bak"
    }
    "#);
}

#[test]
fn a_list_of_tables_that_is_lost_is_told_from_the_rows() {
    let env = TestEnv::new();
    board(&env);
    overwrite(&env, &[0; PAGE as usize], 0);
    assert!(env.run(&["list"]).stderr.contains("no SQLite header"));
    env.ok(&["repair"]);
    assert_eq!(titles(&env), ["A", "B", "C"]);
    env.create(&["D"]);
}

#[test]
fn a_file_that_is_no_board_is_not_replaced_by_an_empty_one() {
    let env = TestEnv::new();
    board(&env);
    fs::write(env.database(), "this was a board\n".repeat(1_000)).unwrap();
    let before = fs::read(env.database()).unwrap();
    assert_snapshot!(env.run(&["repair"]), @"
    exit 1
    -- stderr
    andon: refusing to open <home>/kanban.db: no task can be read from it; it stays as it is
      hint: restore a backup with `andon restore latest`
    ");
    assert!(fs::read(env.database()).unwrap() == before);
}

#[test]
fn a_board_all_of_whose_tasks_are_lost_is_not_replaced_either() {
    let env = TestEnv::new();
    board(&env);
    ruin(&env, "tasks");
    let before = fs::read(env.database()).unwrap();
    assert!(env.run(&["repair"]).stderr.contains("no task can be read"));
    assert!(fs::read(env.database()).unwrap() == before);
}

#[test]
fn a_board_in_use_is_not_repaired_and_its_user_is_named() {
    let env = processes::env();
    board(&env);
    let up = Up::start(&env, &[]);
    processes::await_word(&env, LIMIT, "served from here");
    let refused = env.run(&["repair"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains(&format!("process {} (andon)", up.pid())), "{refused}");
}

#[test]
fn a_dispatcher_goes_on_with_a_board_that_was_repaired_in_quarantine() {
    let env = processes::env();
    board(&env);
    ruin(&env, "task_events");
    let _up = Up::start(&env, &["--json"]);
    processes::await_word(&env, LIMIT, processes::QUARANTINED);
    env.ok(&["repair"]);
    let task = env.create(&["D", "--assignee", "shell", "--body", "true"]);
    let done = eventually(LIMIT, || (env.status(&task) == "done").then_some(()));
    assert!(done.is_some(), "{}", processes::log(&env));
}

fn tasks(path: &Path) -> i64 {
    let db = Connection::open(path).unwrap();
    db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_repair_killed_at_any_step_loses_nothing_and_is_finished_by_the_next() {
    for point in [
        "repair.kept",
        "repair.prepared",
        "replace.moved-database",
        "replace.moved-belongings",
        "replace.moved-aside",
        "disk.rename",
        "disk.rename@3",
        "disk.renamed",
        "disk.renamed@2",
        "disk.renamed@3",
        "disk.renamed@4",
    ] {
        let env = TestEnv::new();
        board(&env);
        ruin(&env, "task_events");
        let (name, nth) = point.split_once('@').unwrap_or((point, "1"));
        env.killed(&format!("{name}=kill@{nth}"), &["repair"]);
        env.ok(&["repair"]);
        assert_eq!(titles(&env), ["A", "B", "C"], "{point}");
        assert_eq!(beside(&env, ".broken-andon-").len(), 1, "{point}");
        let aside = beside(&env, ".replaced-andon-");
        assert_eq!(aside.iter().map(|path| tasks(path)).collect::<Vec<_>>(), [3], "{point}");
        assert!(env.run(&["repair"]).stderr.contains("nothing to repair"), "{point}");
    }
}
