//! A worker's calls: it is known by its environment, and fenced by its run.

use crate::env::TestEnv;
use insta::assert_snapshot;

#[test]
fn a_late_write_of_an_ended_run_is_refused() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let run = env.json(&["claim", &task])["run_id"].to_string();
    env.ok(&["reclaim", &task]);
    env.ok(&["claim", &task]);
    let worker = env.with("ANDON_TASK", &task).with("ANDON_RUN_ID", &run);
    assert_snapshot!(worker.run(&["complete", &task, "--result", "late"]), @"
    exit 1
    -- stderr
    andon: run 1 of <task-1> is over; run 2 is the current one
    ");
    assert_snapshot!(worker.run(&["block", &task, "late"]), @"
    exit 1
    -- stderr
    andon: run 1 of <task-1> is over; run 2 is the current one
    ");
    assert_snapshot!(worker.run(&["heartbeat", &task]), @"
    exit 1
    -- stderr
    andon: run 1 of <task-1> is over; run 2 is the current one
    ");
    assert_eq!(worker.status(&task), "running");
}

#[test]
fn a_worker_completes_its_own_run_and_may_write_to_other_tasks() {
    let env = TestEnv::new();
    let (task, other) = (env.create(&["A"]), env.create(&["B"]));
    let run = env.json(&["claim", &task])["run_id"].to_string();
    let worker = env
        .with("HERMES_KANBAN_TASK", &task)
        .with("HERMES_KANBAN_RUN_ID", &run)
        .with("HERMES_PROFILE", "alice");
    worker.ok(&["comment", &other, "hello"]);
    worker.ok(&["complete", &other]);
    worker.ok(&["complete", &task]);
    assert_eq!(worker.json(&["show", &other])["comments"][0]["author"], "alice");
}

#[test]
fn the_run_may_be_named_by_a_lane_of_ones_own() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    env.ok(&["claim", &task]);
    assert_eq!(env.run(&["complete", &task, "--run", "77"]).code, 1);
    env.ok(&["complete", &task, "--run", "1"]);
}

#[test]
fn a_broken_worker_environment_is_told_by_its_variable() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let worker = env.with("ANDON_TASK", &task).with("ANDON_RUN_ID", "seven");
    assert_snapshot!(worker.run(&["complete", &task]), @r#"
    exit 2
    -- stderr
    andon: environment variable ANDON_RUN_ID: "seven" is no run id
    "#);
}
