//! A new release is put into the program's place while a dispatcher runs.

use crate::processes::{self, Up, await_word, eventually, log};
use std::time::Duration;

/// Longest wait for a dispatcher or a worker.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_dispatcher_whose_program_was_upgraded_serves_new_boards() {
    let env = processes::env().with_installed();
    env.ok(&["init"]);
    let _up = Up::start(&env, &[]);
    await_word(&env, LIMIT, "served from here");
    env.upgrade();
    env.ok(&["boards", "create", "fresh"]);
    let body = ["--assignee", "shell", "--body", "true"];
    let task = env.create(&[&["New", "--board", "fresh"], &body[..]].concat());
    let status = || env.json(&["show", &task, "--board", "fresh"])["task"]["status"].clone();
    let done = || (status() == "done").then_some(());
    assert!(eventually(LIMIT, done).is_some(), "{}:\n{}", status(), log(&env));
}
