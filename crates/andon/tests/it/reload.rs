//! `up` works by the settings and profiles that stand in the home now, not by those of its start.

use crate::env::TestEnv;
use crate::processes::{self, Up, await_word, eventually};
use std::time::Duration;

/// Longest wait for anything.
const LIMIT: Duration = Duration::from_secs(60);

const PROFILES: &str = ".local/share/andon/profiles.toml";

/// What a dispatcher says when it takes a board up.
const LEADING: &str = r#""kind":"leading""#;

/// A profile whose workers wait until there is a file.
fn waiting(env: &TestEnv, name: &str, gate: &str) -> String {
    let gate = env.path().join(gate);
    let script = format!("while [ ! -e {} ]; do sleep 0.01; done", gate.display());
    format!(
        "[profiles.{name}]\ncommand = [\"sh\", \"-c\", \"{script}\"]\non_exit_zero = \"completes\"\n"
    )
}

fn wait_for(env: &TestEnv, task: &str, status: &str) {
    let is_so = || (env.status(task) == status).then_some(());
    assert!(
        eventually(LIMIT, is_so).is_some(),
        "{}\n{}",
        env.run(&["show", task]),
        processes::log(env)
    );
}

/// A profile that appears while `up` runs gets its tasks started, and the worker of a task that
/// runs meanwhile is neither ended nor started twice.
fn a_new_profile_holds_at_once(arguments: &'static [&'static str]) {
    let env = processes::env();
    env.ok(&["init"]);
    let early = waiting(&env, "early", "gate");
    env.write(PROFILES, &early);
    let first = env.create(&["First", "--assignee", "early"]);
    let up = Up::start(&env, arguments);
    await_word(&env, LIMIT, LEADING);
    wait_for(&env, &first, "running");

    env.write("open", "");
    env.write(PROFILES, format!("{early}{}", waiting(&env, "late", "open")));
    let late = env.create(&["Late", "--assignee", "late"]);
    await_word(&env, LIMIT, r#""kind":"reloaded""#);
    wait_for(&env, &late, "done");
    assert_eq!(env.status(&first), "running");
    env.write("gate", "");
    wait_for(&env, &first, "done");
    assert_eq!(env.json(&["show", &first])["runs"].as_array().unwrap().len(), 1);
    drop(up);
}

#[test]
fn a_profile_that_appears_while_up_runs_gets_its_tasks_started() {
    a_new_profile_holds_at_once(&["--json"]);
}

#[test]
fn a_profile_that_appears_while_up_serves_one_board_gets_its_tasks_started() {
    a_new_profile_holds_at_once(&["--json", "--board", "default"]);
}

#[test]
fn profiles_that_cannot_be_read_are_told_and_those_from_before_hold() {
    let env = processes::env();
    env.ok(&["init"]);
    env.write("gate", "");
    env.write(PROFILES, waiting(&env, "early", "gate"));
    let _up = Up::start(&env, &["--json"]);
    await_word(&env, LIMIT, LEADING);
    env.ok(&["pause"]);
    let task = env.create(&["A", "--assignee", "early"]);
    env.write(PROFILES, "[profiles.early\n");
    await_word(&env, LIMIT, r#""kind":"not_reloaded""#);
    env.ok(&["resume"]);
    wait_for(&env, &task, "done");
}
