//! Restores with the real binary: over boards that are gone, broken, good and in use, and killed at
//! each step.

use crate::env::TestEnv;
use crate::processes::{self, Up, eventually};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for a dispatcher.
const LIMIT: Duration = Duration::from_secs(60);

/// A board with two tasks in a backup, and a third one since.
fn scene() -> TestEnv {
    let env = processes::env();
    env.ok(&["init"]);
    env.create(&["A"]);
    env.create(&["B"]);
    env.ok(&["backup"]);
    env.create(&["C"]);
    env
}

fn titles(env: &TestEnv) -> Vec<String> {
    let tasks = env.json(&["list"]);
    let title = |task: &serde_json::Value| task["title"].as_str().unwrap().to_owned();
    let mut titles: Vec<String> = tasks.as_array().unwrap().iter().map(title).collect();
    titles.sort();
    titles
}

fn tasks(path: &Path) -> i64 {
    let db = rusqlite::Connection::open(path).unwrap();
    db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap()
}

/// Boards that were moved aside.
fn aside(env: &TestEnv) -> Vec<PathBuf> {
    let entries = fs::read_dir(env.home()).unwrap().map(|entry| entry.unwrap().path());
    let is_aside = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.contains(".replaced-andon-") && name.ends_with(".bak")
    };
    entries.filter(is_aside).collect()
}

#[test]
fn a_lost_board_is_refused_and_comes_back_by_one_command() {
    let env = scene();
    fs::remove_file(env.database()).unwrap();
    for verb in [&["list"][..], &["create", "D"], &["init"]] {
        let refused = env.run(verb);
        assert_eq!(refused.code, 1, "{verb:?}");
        assert!(refused.stderr.contains("andon restore latest"), "{refused}");
    }
    let restored = env.json(&["restore", "latest"]);
    assert_eq!(restored["tasks"], 2, "{restored}");
    assert_eq!(titles(&env), ["A", "B"]);
    env.create(&["D"]);
}

#[test]
fn a_good_board_is_replaced_only_on_demand_and_kept() {
    let env = scene();
    let refused = env.run(&["restore", "latest"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("--replace"), "{refused}");
    assert_eq!(titles(&env), ["A", "B", "C"]);
    let restored = env.json(&["restore", "latest", "--replace"]);
    assert_eq!(titles(&env), ["A", "B"]);
    let kept = PathBuf::from(restored["aside"].as_str().unwrap());
    assert_eq!((aside(&env), tasks(&kept)), (vec![kept], 3));
}

#[test]
fn a_broken_board_is_replaced_by_any_file_that_is_named() {
    let env = scene();
    let named = env.path().join("elsewhere.db");
    let listed = env.json(&["backup", "list"]);
    fs::copy(listed[0]["path"].as_str().unwrap(), &named).unwrap();
    fs::write(env.database(), "this was a board").unwrap();
    env.ok(&["restore", named.to_str().unwrap()]);
    assert_eq!(titles(&env), ["A", "B"]);
    assert_eq!(fs::read(&aside(&env)[0]).unwrap(), b"this was a board");
}

#[test]
fn a_board_in_use_is_not_replaced_and_its_user_is_named() {
    let env = scene();
    let mut up = Up::start(&env, &[]);
    processes::await_word(&env, LIMIT, "served from here");
    let refused = env.run(&["restore", "latest", "--replace"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains(&format!("process {} (andon)", up.pid())), "{refused}");
    assert_eq!(titles(&env).len(), 3);
    up.kill();
    env.ok(&["restore", "latest", "--replace"]);
    assert_eq!(titles(&env), ["A", "B"]);
}

#[test]
fn a_dispatcher_goes_on_with_a_board_that_was_restored_in_quarantine() {
    let env = scene();
    fs::write(env.database(), "this was a board".repeat(1_000)).unwrap();
    let _up = Up::start(&env, &["--json"]);
    processes::await_word(&env, LIMIT, processes::QUARANTINED);
    env.ok(&["restore", "latest"]);
    let task = env.create(&["D", "--assignee", "shell", "--body", "true"]);
    let done = eventually(LIMIT, || (env.status(&task) == "done").then_some(()));
    assert!(done.is_some(), "{}", processes::log(&env));
}

#[test]
fn a_restore_killed_at_any_step_loses_nothing_and_is_finished_by_the_next() {
    for point in [
        "restore.prepared",
        "replace.moved-database",
        "replace.moved-belongings",
        "replace.moved-aside",
        "disk.rename",
        "disk.rename@2",
        "disk.rename@3",
        "disk.renamed",
        "disk.renamed@2",
        "disk.renamed@4",
    ] {
        let env = scene();
        let (name, nth) = point.split_once('@').unwrap_or((point, "1"));
        env.killed(&format!("{name}=kill@{nth}"), &["restore", "latest", "--replace"]);
        let found = env.run(&["list", "--json"]);
        if found.code == 0 {
            assert!([2, 3].contains(&titles(&env).len()), "{point}: {found}");
        } else {
            assert!(found.stderr.contains("board_refused"), "{point}: {found}");
        }
        env.ok(&["restore", "latest", "--replace"]);
        assert_eq!(titles(&env), ["A", "B"], "{point}");
        let most = aside(&env).iter().map(|path| tasks(path)).max();
        assert_eq!(most, Some(3), "{point}: what was only in the log is kept");
    }
}
