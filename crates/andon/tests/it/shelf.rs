//! Boards that are put away, with the real binary and real workers.

use crate::processes::{self, eventually};
use std::fs;
use std::time::Duration;

/// Longest wait for a worker and its runner.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_board_is_not_put_away_while_a_worker_is_at_work() {
    let env = processes::env().with("ANDON_BOARD", "work");
    env.ok(&["boards", "create", "work"]);
    let gate = env.path().join("gate");
    let script = format!("while [ ! -e {} ]; do sleep 0.01; done", gate.display());
    let task = env.create(&["Long", "--assignee", "shell", "--body", &script]);
    env.ok(&["dispatch"]);
    let registered = || env.json(&["why", &task])["facts"]["run"]["runner_pid"].as_i64();
    let runner = eventually(LIMIT, registered).expect("a runner keeps the task");
    for verb in [&["archive", "work"][..], &["delete", "work", "--force", "--yes"]] {
        let refused = env.run(&[&["boards"], verb].concat());
        assert_eq!(refused.code, 1, "{verb:?}: {refused}");
        let named = format!("board work is in use: process {runner} (andon) has ");
        assert!(refused.stderr.contains(&named), "{verb:?}: {refused}");
    }
    fs::write(gate, "").unwrap();
    let put_away = || (env.run(&["boards", "archive", "work"]).code == 0).then_some(());
    assert!(eventually(LIMIT, put_away).is_some(), "nobody uses it any more");
    env.ok(&["boards", "restore", "work"]);
    assert_eq!(env.status(&task), "done");
    assert_eq!(env.json(&["runs", &task]).as_array().unwrap().len(), 1, "nothing was done twice");
}
