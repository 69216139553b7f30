//! `--fix`: what it mends, what it says, and the copy that it makes first.

use super::{change, findings, home, lose_an_index_row, only};
use crate::env::TestEnv;
use rusqlite::Connection;
use serde_json::Value;
use std::fs;

fn fixed(env: &TestEnv, check: &str) -> Value {
    let found = findings(env, &["--fix"]);
    found.into_iter().find(|found| found["check"] == check).unwrap()
}

/// Copies of the board beside it.
fn copies(env: &TestEnv) -> Vec<String> {
    let names = fs::read_dir(env.home()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.contains(".before-mending-andon-")).collect()
}

#[test]
fn rows_of_our_own_without_a_task_are_removed_after_a_copy_was_made() {
    let env = home();
    change(&env, "INSERT INTO andon_tasks (task_id) VALUES ('t_ffffffff')");
    assert_eq!(only(&env, "orphans").0, "warning");
    assert_eq!(copies(&env), [""; 0], "looking makes no copy");
    let found = fixed(&env, "orphans");
    assert_eq!(found["fixed"], true, "{found}");
    assert!(found["finding"].as_str().unwrap().contains("1 rows were removed"), "{found}");
    let [copy] = copies(&env).try_into().unwrap();
    let copy = Connection::open(env.home().join(copy)).unwrap();
    let rows: i64 =
        copy.query_row("SELECT count(*) FROM andon_tasks", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    assert_eq!(only(&env, "orphans").0, "ok");
}

#[test]
fn indexes_are_written_anew_after_a_copy_was_made() {
    let env = home();
    lose_an_index_row(&env);
    assert_eq!(env.run(&["doctor"]).code, 1);
    let found = fixed(&env, "indexes");
    assert_eq!(found["fixed"], true, "{found}");
    assert_eq!(copies(&env).len(), 1);
    assert_eq!(env.run(&["doctor"]).code, 0);
    assert_eq!(env.json(&["list"]).as_array().unwrap().len(), 3);
}

#[test]
fn a_claim_whose_holder_is_gone_is_taken_back() {
    let env = home();
    let task = env.create(&["Third"]);
    env.ok(&["claim", &task]);
    assert_eq!(only(&env, "claims").0, "ok");
    change(&env, "UPDATE tasks SET claim_expires = 5; UPDATE task_runs SET claim_expires = 5");
    let found = only(&env, "claims");
    assert_eq!(found.0, "warning", "{found:?}");
    assert_eq!(env.status(&task), "running", "looking changes nothing");
    let found = fixed(&env, "claims");
    assert_eq!(found["fixed"], true, "{found}");
    assert_eq!(env.status(&task), "ready");
    assert_eq!(only(&env, "claims").0, "ok");
}

#[test]
fn looking_writes_nothing_into_board_or_home() {
    let env = home();
    change(&env, "INSERT INTO andon_tasks (task_id) VALUES ('t_ffffffff')");
    let everything = || {
        let mut files: Vec<_> = fs::read_dir(env.home())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file() && !path.to_string_lossy().ends_with("-shm"))
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = everything();
    findings(&env, &[]);
    assert!(everything() == before);
}
