//! `why`: the answers on a real board. Every reason has a unit test beside its code.

use crate::env::TestEnv;
use insta::assert_snapshot;

fn board() -> TestEnv {
    let env = TestEnv::new().with("PATH", "/usr/bin:/bin");
    env.ok(&["init"]);
    env
}

fn code(env: &TestEnv, task: &str) -> String {
    env.json(&["why", task])["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_ready_task_names_what_stands_in_its_way_in_order() {
    let env = board();
    let task = env.create(&["A task"]);
    env.ok(&["pause"]);
    assert_snapshot!(env.run(&["why", &task]), @"
    exit 0
    -- stdout
    <task-1> belongs to nobody and board default has no default: give it to a profile with `andon assign <task-1> <profile>`.
    Then: <task-1> is ready, but board default is paused by tester since <time>: `andon resume` lets its tasks start.
    Then: <task-1> is ready, but no dispatcher serves board default: start one with `andon up`.
    ");
    let why = env.json(&["why", &task]);
    assert_eq!(why["code"], "unassigned");
    assert_eq!(why["also"][0]["code"], "paused");
    assert_eq!(why["also"][1]["code"], "no_dispatcher");
    assert_eq!(why["facts"]["paused"]["by"], "tester");
    assert_eq!(why["facts"]["dispatcher"], false);
}

#[test]
fn a_waiting_task_says_what_its_parents_wait_for() {
    let env = board();
    let parent = env.create(&["A parent", "--assignee", "shell"]);
    let child = env.create(&["A child", "--assignee", "shell", "--parent", &parent]);
    assert_snapshot!(env.run(&["why", &child]), @"
    exit 0
    -- stdout
    <task-1> waits for a task that is not done: <task-2> (ready, for shell); `andon promote <task-1> --force` would not wait.
    ");
    env.ok(&["block", &parent, "which", "port?"]);
    let why = env.json(&["why", &child]);
    assert_eq!(why["facts"]["open_parents"]["named"][0]["doing"], "blocked: which port?");
    assert_eq!(code(&env, &parent), "blocked");
    env.ok(&["complete", &parent]);
    assert_eq!(code(&env, &parent), "done");
    assert_eq!(code(&env, &child), "no_dispatcher");
}

#[test]
fn other_states_have_their_own_codes() {
    let env = board();
    let idea = env.create(&["An idea", "--triage"]);
    assert_eq!(code(&env, &idea), "triage");
    env.ok(&["archive", &idea]);
    assert_eq!(code(&env, &idea), "archived");
    let parked = env.create(&["Later", "--assignee", "shell"]);
    env.ok(&["schedule", &parked, "--at", "+2h"]);
    assert_eq!(code(&env, &parked), "scheduled");
    let taken = env.create(&["Mine", "--assignee", "shell"]);
    env.ok(&["claim", &taken]);
    assert_eq!(code(&env, &taken), "claimed_outside");
    let gate = env.create(&["A gate", "--initial-status", "blocked"]);
    assert_eq!(code(&env, &gate), "blocked");
}

#[test]
fn an_unknown_task_is_an_error() {
    let env = board();
    assert_eq!(env.run(&["why", "t_00000001"]).code, 1);
    assert_eq!(env.run(&["why", "../x"]).code, 1);
}
