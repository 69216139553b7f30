//! Single passes with limits of their own.

use super::{LIMIT, board, nothing_is_left, shell, wait_for};
use crate::env::TestEnv;
use crate::processes::{Up, eventually};
use std::fs;
use std::path::Path;

#[test]
fn a_pass_may_have_a_failure_limit_of_its_own() {
    let env = board();
    assert_eq!(env.run(&["dispatch", "--failure-limit", "0"]).code, 2);
    let unstartable = shell(&env, "A", "true", &["--workspace", "worktree:/nonexistent"]);
    let failing = shell(&env, "B", "exit 1", &[]);
    assert_eq!(env.run(&["dispatch", "--failure-limit", "1"]).code, 1);
    assert_eq!(env.status(&unstartable), "blocked", "the setting is 2");
    wait_for(&env, &failing, "blocked");
    nothing_is_left(&env);
}

/// A task whose worker reports its end and runs on until the gate is there.
fn lingering(env: &TestEnv, gate: &Path) -> String {
    let (andon, gate) = (env!("CARGO_BIN_EXE_andon"), gate.display());
    let wait = format!("while [ ! -e {gate} ]; do sleep 0.01; done");
    shell(env, "First", &format!("{andon} complete $ANDON_TASK; {wait}"), &[])
}

#[test]
fn d3_a_worker_that_has_reported_keeps_its_place_until_it_is_gone() {
    let env = board();
    let gate = env.path().join("gate");
    let first = lingering(&env, &gate);
    env.ok(&["dispatch"]);
    wait_for(&env, &first, "done");
    let second = shell(&env, "Second", "true", &[]);
    let one = ["dispatch", "--max", "1"];
    for pass in [&["dispatch", "--max", "1", "--dry-run"][..], &one] {
        let passed = env.json(pass);
        assert_eq!(passed["spawned"], serde_json::json!([]), "{passed}");
        let waiting = &passed["waiting"][0];
        assert_eq!(waiting["task_id"], second.as_str());
        assert_eq!(waiting["code"], "board_full");
        assert_eq!(waiting["text"], "1 worker runs or starts, and no more may");
    }
    assert_eq!(env.json(&["why", &second])["facts"]["running"], 1);
    fs::write(&gate, "").unwrap();
    let started = || env.json(&one)["spawned"].as_array().unwrap().first().map(drop);
    assert!(eventually(LIMIT, started).is_some(), "the place stays taken");
    wait_for(&env, &second, "done");
    nothing_is_left(&env);
}

#[test]
fn a_place_that_becomes_free_when_a_worker_is_gone_is_taken_at_once() {
    let env = board();
    // No pass but those that somebody asks for by what he does.
    let settings = "[dispatch]\ndispatch_interval_seconds = 86400\n";
    env.write(".local/share/andon/config.toml", settings);
    let gate = env.path().join("gate");
    let first = lingering(&env, &gate);
    let _up = Up::start(&env, &["--max", "1"]);
    wait_for(&env, &first, "done");
    let second = shell(&env, "Second", "true", &[]);
    fs::write(&gate, "").unwrap();
    wait_for(&env, &second, "done");
}
