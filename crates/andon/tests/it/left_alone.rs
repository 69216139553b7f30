//! Runs whose runner was killed while no dispatcher serves the board: nobody would end them.

use crate::env::TestEnv;
use crate::processes::{Up, await_word, eventually, marked, signal};
use rustix::process::Signal;
use std::time::Duration;

/// Longest wait for anything here.
const LIMIT: Duration = Duration::from_secs(60);

/// A task that runs under a runner, and that runner's number.
fn running() -> (TestEnv, String, i32) {
    let env = TestEnv::new().with("PATH", "/usr/bin:/bin");
    env.ok(&["init"]);
    let task = env.create(&["A", "--assignee", "shell", "--body", "sleep 1000"]);
    env.ok(&["dispatch"]);
    let runner = eventually(LIMIT, || {
        let run = &env.json(&["why", &task])["facts"]["run"];
        run["worker_pid"].as_i64().and(run["runner_pid"].as_i64())
    });
    (env, task, i32::try_from(runner.unwrap()).unwrap())
}

/// Kills the runner; what it kept goes on.
fn kill(env: &TestEnv, task: &str, runner: i32) {
    signal(runner, Signal::KILL);
    let lost = || (env.json(&["why", task])["code"] == "runner_lost").then_some(());
    assert!(eventually(LIMIT, lost).is_some(), "the runner lives");
}

#[test]
fn whoever_waits_for_the_end_of_a_lost_run_settles_it_where_no_dispatcher_does() {
    let verbs = [("cancel", "blocked"), ("reclaim", "ready"), ("archive", "archived")];
    for (verb, status) in verbs {
        let (env, task, runner) = running();
        kill(&env, &task, runner);
        let ran = env.run(&[verb, &task, "--wait", "20s"]);
        assert_eq!(ran.code, 0, "{verb}: {}", ran.stderr);
        let gone = "(run 1 and all its processes are gone)";
        assert!(ran.stdout.contains(gone), "{verb}: {}", ran.stdout);
        assert_eq!(env.status(&task), status, "{verb}");
        assert!(marked(&env).is_empty(), "{verb}");
    }
}

#[test]
fn whoever_does_not_wait_is_told_that_nobody_ends_a_lost_run() {
    let (env, task, runner) = running();
    assert_eq!(env.json(&["why", &task])["code"], "running");
    kill(&env, &task, runner);
    let ran = env.run(&["cancel", &task, "--no-wait"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("runner of run 1 is dead"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`andon up`"), "{}", ran.stderr);
    let again = env.run(&["reclaim", &task]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("already ending"), "{}", again.stderr);
    assert!(again.stderr.contains("its runner is dead"), "{}", again.stderr);
    let why = env.json(&["why", &task]);
    assert_eq!(
        (&why["code"], &why["also"][0]["code"]),
        (&"stopping".into(), &"no_dispatcher".into())
    );
    let sentence = why["sentence"].as_str().unwrap();
    assert!(sentence.contains("runner of run 1 is dead"), "{sentence}");
    env.ok(&["dispatch"]);
    assert_eq!(env.status(&task), "blocked");
    assert!(marked(&env).is_empty());
}

#[test]
fn whoever_asks_once_more_takes_the_end_of_a_lost_run_up() {
    let (env, task, runner) = running();
    kill(&env, &task, runner);
    env.ok(&["cancel", &task, "--no-wait"]);
    let again = env.run(&["cancel", &task, "--wait", "20s"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stdout.contains("(run 1 and all its processes are gone)"), "{}", again.stdout);
    assert_eq!(env.status(&task), "blocked");
    assert!(marked(&env).is_empty());
}

#[test]
fn a_dispatcher_that_stands_still_is_told_with_its_last_pass() {
    let env = TestEnv::new().with("PATH", "/usr/bin:/bin");
    env.ok(&["init"]);
    env.write(".local/share/andon/config.toml", "[dispatch]\ndispatch_interval_seconds = 1\n");
    let up = Up::start(&env, &["--json"]);
    await_word(&env, LIMIT, "leading");
    signal(up.pid(), Signal::STOP);
    let task = env.create(&["A", "--assignee", "shell", "--body", "true"]);
    let lock = env.home().join("kanban.db.dispatch.lock");
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    std::fs::File::open(&lock).unwrap().set_modified(long_ago).unwrap();
    let why = env.json(&["why", &task]);
    assert_eq!(why["code"], "dispatcher_late", "{why}");
    assert!(why["sentence"].as_str().unwrap().contains("1h"), "{why}");
    signal(up.pid(), Signal::CONT);
}
