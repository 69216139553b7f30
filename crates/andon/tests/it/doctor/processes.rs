//! Findings about processes: who has the board's files open, who holds its locks, who stands still.

use super::{finds, home, of, only};
use crate::env::TestEnv;
use crate::processes::{self, Up, eventually, signal};
use crate::shared_board::StoppedWriter;
use rustix::process::Signal;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

/// Longest wait for a process that should come or go at once.
const LIMIT: Duration = Duration::from_secs(60);

/// A process that has a file open until it is dropped.
struct Holder(Child);

impl Holder {
    /// Starts it under a name, which is how programs are told apart.
    fn start(env: &TestEnv, name: &str, file: PathBuf) -> Self {
        let script = "#!/bin/sh\nexec 3< \"$1\"\necho open\nread line\n";
        let program = env.write(&format!("holders/{name}"), script);
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(program);
        command.arg(file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "open\n");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn beside(env: &TestEnv, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", env.database().display()))
}

#[test]
fn a_process_with_a_deleted_log_is_a_problem_until_it_ends() {
    for suffix in ["-wal", "-shm", ""] {
        let env = home();
        let holder = Holder::start(&env, "some-tool", beside(&env, suffix));
        assert_eq!(only(&env, "deleted_files").0, "ok");
        // Another file takes its place, as after a backup that was put back under living programs.
        let copy = beside(&env, ".put-back");
        fs::copy(beside(&env, suffix), &copy).unwrap();
        fs::rename(&copy, beside(&env, suffix)).unwrap();
        finds(&env, "deleted_files", "problem", &format!("process {} (", holder.0.id()));
        drop(holder);
        assert_eq!(only(&env, "deleted_files").0, "ok");
    }
}

#[test]
fn programs_that_have_the_board_open_are_told_apart() {
    let env = home();
    assert_eq!(only(&env, "open_files").0, "ok");
    let other = Holder::start(&env, "some-tool", env.database());
    finds(&env, "open_files", "note", "has the database open");
    drop(other);
    let _peer = Holder::start(&env, "hermes", beside(&env, "-wal"));
    finds(&env, "open_files", "warning", "of the peer has the log open, and nobody guards");
    let mut guard = env.command().arg("guard").stdout(Stdio::null()).spawn().unwrap();
    let text = "of the peer has the log open; the board is guarded";
    let guarded = eventually(LIMIT, || {
        let found = of(&env, "open_files");
        found.iter().any(|(severity, told)| severity == "note" && told.contains(text)).then_some(())
    });
    guard.kill().unwrap();
    guard.wait().unwrap();
    assert!(guarded.is_some());
}

#[test]
fn a_running_copy_of_the_peer_is_named() {
    let env = home();
    let peer = Holder::start(&env, "hermes", env.database());
    let found = of(&env, "peer");
    let text = format!("runs as process {}", peer.0.id());
    assert!(found.iter().any(|(_, told)| told.contains(&text)), "{found:?}");
}

#[test]
fn a_writer_that_stands_still_is_a_problem_with_a_way_out() {
    for manners in ["queues", "barges in"] {
        let env = home();
        assert_eq!(only(&env, "locks").0, "ok");
        let writer = StoppedWriter::start(&env, manners);
        let found = of(&env, "locks");
        let text = format!("process {} (", writer.pid());
        let is_named = |(severity, told): &(String, String)| {
            severity == "problem" && told.contains(&text) && told.contains("stands still")
        };
        assert!(!found.is_empty() && found.iter().all(is_named), "{manners}: {found:?}");
        let shown = env.run(&["doctor"]);
        assert!(shown.stdout.contains(&format!("kill -CONT {}", writer.pid())), "{shown}");
        drop(writer);
        assert_eq!(only(&env, "locks").0, "ok");
    }
}

#[test]
fn a_dispatcher_is_told_from_one_that_stands_still() {
    let env = processes::env();
    env.ok(&["init"]);
    assert_eq!(only(&env, "dispatcher").0, "ok", "nothing waits for one");
    let up = Up::start(&env, &[]);
    let serves = || (only(&env, "dispatcher").1.contains("dispatches the board")).then_some(());
    eventually(LIMIT, serves).unwrap();
    assert_eq!(only(&env, "dispatcher").0, "ok");
    signal(up.pid(), Signal::STOP);
    finds(&env, "dispatcher", "problem", "stands still");
    signal(up.pid(), Signal::CONT);
    let serves = || (only(&env, "dispatcher").0 == "ok").then_some(());
    eventually(LIMIT, serves).unwrap();
    // It leaves the time of its last pass; without a pass for long it is not as it should be.
    finds(&env, "dispatcher", "ok", "its last pass ");
    let lock = fs::File::options().write(true).open(beside(&env, ".dispatch.lock")).unwrap();
    lock.set_modified(SystemTime::now() - Duration::from_secs(3_600)).unwrap();
    finds(&env, "dispatcher", "warning", "made no whole pass for 1h 00m");
}

#[test]
fn a_task_whose_runner_was_killed_is_told_to_be_lost() {
    let env = processes::env();
    env.ok(&["init"]);
    let gate = env.path().join("gate");
    let wait = format!("while [ ! -e {} ]; do sleep 0.01; done", gate.display());
    let task = env.create(&["Long", "--assignee", "shell", "--body", &wait]);
    env.ok(&["dispatch"]);
    assert_eq!(only(&env, "claims").0, "ok");
    let runner = env.json(&["why", &task])["facts"]["run"]["runner_pid"].as_i64().unwrap();
    signal(i32::try_from(runner).unwrap(), Signal::KILL);
    let text = format!("the runner of {task} is gone");
    let told = eventually(LIMIT, || only(&env, "claims").1.contains(&text).then_some(()));
    fs::write(gate, "").unwrap();
    told.unwrap();
    assert_eq!(env.status(&task), "running", "looking settles nothing");
}
