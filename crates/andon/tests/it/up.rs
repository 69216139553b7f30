//! Work from end to end: `dispatch` and `up` start real runners with real workers.

mod hindered;
mod passes;
mod unserved;

use crate::env::TestEnv;
use crate::processes::{Up, await_word, eventually, log, marked, signal};
use rustix::process::Signal;
use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

/// Longest wait for anything here: a loaded machine takes seconds for what takes milliseconds.
const LIMIT: Duration = Duration::from_secs(60);

fn board() -> TestEnv {
    let env = TestEnv::new().with("PATH", "/usr/bin:/bin");
    env.ok(&["init"]);
    env.write(".local/share/andon/config.toml", "[retry]\nretry_wait_seconds = 1\n");
    env
}

fn shell(env: &TestEnv, title: &str, script: &str, more: &[&str]) -> String {
    env.create(&[&[title, "--assignee", "shell", "--body", script], more].concat())
}

/// Waits until the task stands there.
#[track_caller]
fn wait_for(env: &TestEnv, task: &str, status: &str) {
    let met = eventually(LIMIT, || (env.status(task) == status).then_some(()));
    assert!(met.is_some(), "{task} is {}, not {status}:\n{}", env.status(task), log(env));
}

fn nothing_is_left(env: &TestEnv) {
    let gone = eventually(LIMIT, || marked(env).is_empty().then_some(()));
    assert!(gone.is_some(), "left over: {:?}", marked(env));
}

#[test]
fn a_chain_of_tasks_runs_to_its_end() {
    let env = board();
    let first = shell(&env, "First", "echo one", &[]);
    let second = shell(&env, "Second", "echo two", &["--parent", &first]);
    let third = shell(&env, "Third", "echo three", &["--parent", &second]);
    let mut up = Up::start(&env, &["--once-empty"]);
    assert!(up.wait(LIMIT).success(), "{}", log(&env));
    for task in [&first, &second, &third] {
        assert_eq!(env.status(task), "done", "{}", log(&env));
    }
    assert!(env.ok(&["log", &third]).contains("three"));
    nothing_is_left(&env);
}

#[test]
fn a_chain_survives_kill_9_of_its_dispatcher() {
    let env = board();
    let gate = env.path().join("gate");
    let wait = format!("while [ ! -e {} ]; do sleep 0.01; done", gate.display());
    let first = shell(&env, "First", &wait, &[]);
    let second = shell(&env, "Second", "echo two", &["--parent", &first]);
    let third = shell(&env, "Third", "echo three", &["--parent", &second]);
    let mut up = Up::start(&env, &["--once-empty"]);
    wait_for(&env, &first, "running");
    let worker = eventually(LIMIT, || marked(&env).first().copied()).unwrap();
    up.kill_and_restart();
    assert_eq!(env.status(&first), "running", "the worker goes on under its runner");
    assert!(marked(&env).contains(&worker));
    fs::write(gate, "").unwrap();
    assert!(up.wait(LIMIT).success(), "{}", log(&env));
    assert_eq!(env.status(&third), "done", "{}", log(&env));
    for task in [&first, &second, &third] {
        let runs = env.json(&["runs", task]);
        assert_eq!(runs.as_array().unwrap().len(), 1, "no attempt was wasted: {runs}");
    }
    nothing_is_left(&env);
}

/// Must show 4: a cancel ends the whole tree, whatever hides in it.
#[test]
fn a_cancel_ends_a_detached_grandchild_that_ignores_sigterm() {
    let env = board();
    env.write(
        ".local/share/andon/profiles.toml",
        "[profiles.stubborn]\npreset = \"shell\"\nlimits = { grace = \"1s\" }\n",
    );
    let pid_file = env.path().join("grandchild");
    // Its own session and process group, its parent gone, deaf to SIGTERM, waiting for nothing.
    let script = format!(
        "setsid sh -c 'trap \"\" TERM; echo $$ > {0}.new; mv {0}.new {0}; \
         while :; do sleep 1; done' </dev/null >/dev/null 2>&1 & \
         while :; do sleep 1; done",
        pid_file.display()
    );
    let task = env.create(&["Stubborn", "--assignee", "stubborn", "--body", &script]);
    let _up = Up::start(&env, &[]);
    let grandchild =
        eventually(LIMIT, || fs::read_to_string(&pid_file).ok()?.trim().parse::<i32>().ok());
    let grandchild = grandchild.unwrap_or_else(|| panic!("no grandchild:\n{}", log(&env)));
    assert!(marked(&env).contains(&grandchild));
    let cancelled = env.ok(&["cancel", &task, "--reason", "enough"]);
    assert!(cancelled.contains("all its processes are gone"), "{cancelled}");
    assert_eq!(marked(&env), [0; 0], "when cancel returns, nothing of the run lives");
    assert_eq!(env.status(&task), "blocked");
    let why = env.json(&["why", &task]);
    assert_eq!((&why["code"], &why["facts"]["reason"]), (&"cancelled".into(), &"enough".into()));
}

#[test]
fn a_second_dispatcher_says_that_it_waits_and_takes_over() {
    let env = board();
    let mut first = spawn(&env, &["up", "--json"]);
    // The first one holds the lock when it says so.
    assert!(
        eventually(LIMIT, || {
            fs::read_to_string(env.path().join("out")).ok()?.contains("leading").then_some(())
        })
        .is_some()
    );
    let _second = Up::start(&env, &[]);
    let waits = format!("another dispatcher serves it (process {})", first.id());
    await_word(&env, LIMIT, &waits);
    first.kill().unwrap();
    first.wait().unwrap();
    await_word(&env, LIMIT, "served from here");
    let task = shell(&env, "After", "echo after", &[]);
    wait_for(&env, &task, "done");
}

#[test]
fn a_damaged_board_is_put_into_quarantine_and_stops_no_other() {
    let env = board();
    env.ok(&["boards", "create", "infra"]);
    let broken = env.home().join("kanban/boards/infra/kanban.db");
    fs::write(&broken, "no database ".repeat(1_000)).unwrap();
    let task = shell(&env, "On the good board", "echo fine", &[]);
    let mut up = Up::start(&env, &["--once-empty"]);
    assert!(up.wait(LIMIT).success(), "{}", log(&env));
    assert_eq!(env.status(&task), "done");
    assert!(log(&env).contains("infra: in quarantine: "), "{}", log(&env));
    let infra = env.json(&["boards", "show", "infra"]);
    assert_eq!(infra["state"], "quarantined");
    let content = fs::read_to_string(&broken).unwrap();
    assert!(content.starts_with("no database"), "the broken file is left as it is");
}

#[test]
fn a_signal_stops_new_work_and_leaves_workers_to_their_runners() {
    let env = board();
    let gate = env.path().join("gate");
    let wait = format!("while [ ! -e {} ]; do sleep 0.01; done", gate.display());
    let task = shell(&env, "Long", &wait, &[]);
    let mut child = spawn(&env, &["up"]);
    wait_for(&env, &task, "running");
    assert!(eventually(LIMIT, || (!marked(&env).is_empty()).then_some(())).is_some());
    signal(child.id().cast_signed(), Signal::TERM);
    assert!(child.wait().unwrap().success());
    assert_eq!(env.status(&task), "running");
    assert!(!marked(&env).is_empty(), "the worker goes on");
    fs::write(gate, "").unwrap();
    wait_for(&env, &task, "done");
    nothing_is_left(&env);
}

#[test]
fn draining_waits_for_the_workers() {
    let env = board();
    let gate = env.path().join("gate");
    let wait = format!("while [ ! -e {} ]; do sleep 0.01; done", gate.display());
    let task = shell(&env, "Long", &wait, &[]);
    let mut child = spawn(&env, &["up", "--drain"]);
    wait_for(&env, &task, "running");
    signal(child.id().cast_signed(), Signal::INT);
    let told =
        || fs::read_to_string(env.path().join("err")).ok()?.contains("stopping").then_some(());
    assert!(eventually(LIMIT, told).is_some());
    let late = shell(&env, "Late", "echo late", &[]);
    fs::write(gate, "").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(env.status(&task), "done");
    assert_eq!(env.status(&late), "ready", "nothing new is started");
    nothing_is_left(&env);
}

#[test]
fn one_pass_starts_what_is_ready_and_a_rehearsal_starts_nothing() {
    let env = board();
    let task = shell(&env, "A task", "echo hello", &[]);
    let nobody = env.create(&["Nobody's"]);
    let rehearsed = env.json(&["dispatch", "--dry-run"]);
    assert_eq!(rehearsed["spawned"][0]["task_id"], task.as_str());
    assert!(rehearsed["spawned"][0]["run_id"].is_null());
    assert_eq!(env.status(&task), "ready");
    assert_eq!(env.run(&["dispatch", "--max", "0"]).code, 2);
    let passed = env.json(&["dispatch"]);
    assert_eq!(passed["spawned"][0]["task_id"], task.as_str());
    assert_eq!(passed["skipped_unassigned"][0], nobody.as_str());
    wait_for(&env, &task, "done");
    let keys: Vec<_> = passed.as_object().unwrap().keys().map(String::as_str).collect();
    let peer = [
        "reclaimed",
        "crashed",
        "timed_out",
        "stale",
        "auto_blocked",
        "promoted",
        "spawned",
        "skipped_unassigned",
        "skipped_nonspawnable",
        "skipped_per_profile_capped",
        "auto_assigned_default",
    ];
    assert_eq!(keys[..peer.len()], peer);
    nothing_is_left(&env);
}

#[test]
fn a_pass_that_could_not_start_a_task_says_which_and_why_and_fails() {
    let env = board();
    let nowhere = ["--workspace", "worktree:/nonexistent"];
    let task = shell(&env, "A task", "true", &nowhere);
    let ran = env.run(&["dispatch"]);
    let why = format!("andon: {task}: could not start: workspace: ");
    assert!(ran.code == 1 && ran.stderr.starts_with(&why), "{ran}");
    env.ok(&["archive", &task]);
    let task = shell(&env, "Another task", "true", &nowhere);
    let ran = env.run(&["dispatch", "--json"]);
    let passed: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &passed["spawned"]), (1, &serde_json::json!([])));
    let (failed, run) = (&passed["failed_starts"][0], &env.json(&["runs", &task])[0]);
    let of_run = [&task.as_str().into(), &run["id"], &run["error"]];
    assert_eq!([&failed["task_id"], &failed["run_id"], &failed["error"]], of_run);
}

#[test]
fn a_pass_beside_a_dispatcher_does_nothing_and_says_so() {
    let env = board();
    let mut child = spawn(&env, &["up", "--json"]);
    assert!(
        eventually(LIMIT, || {
            fs::read_to_string(env.path().join("out")).ok()?.contains("leading").then_some(())
        })
        .is_some()
    );
    let ran = env.run(&["dispatch"]);
    assert_eq!(ran.code, 1);
    let holder = format!("another dispatcher serves board default (process {})", child.id());
    assert!(ran.stderr.contains(&holder), "{}", ran.stderr);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_guard_says_what_it_guards_and_ends_at_a_signal() {
    let env = board();
    let mut child = spawn(&env, &["guard"]);
    let guarding = eventually(LIMIT, || {
        let said = fs::read_to_string(env.path().join("out")).ok()?;
        said.contains("Guarding board default").then_some(())
    });
    assert!(guarding.is_some());
    signal(child.id().cast_signed(), Signal::TERM);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_runner_needs_less_than_6_mib() {
    let env = board();
    let gate = env.path().join("gate");
    let wait = format!("while [ ! -e {} ]; do sleep 0.01; done", gate.display());
    let task = shell(&env, "Long", &wait, &[]);
    env.ok(&["dispatch"]);
    wait_for(&env, &task, "running");
    let runner = env.json(&["why", &task])["facts"]["run"]["runner_pid"].as_i64().unwrap();
    let status = fs::read_to_string(format!("/proc/{runner}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kb: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    fs::write(gate, "").unwrap();
    wait_for(&env, &task, "done");
    // The bound is for a release build; an unoptimised one is larger by its code.
    let bound_kb = if cfg!(debug_assertions) { 16 * 1024 } else { 6 * 1024 };
    assert!(kb < bound_kb, "{kb} kB");
}

/// Starts a long verb, with its output in files.
fn spawn(env: &TestEnv, arguments: &[&str]) -> Child {
    let file = |name: &str| Stdio::from(fs::File::create(env.path().join(name)).unwrap());
    let mut command = env.command();
    command.args(arguments).stdout(file("out")).stderr(file("err")).spawn().unwrap()
}
