//! `guard`, from outside.

use crate::env::TestEnv;
use crate::processes::{eventually, signal};
use rustix::process::Signal;
use std::fs::{self, File};
use std::process::Child;
use std::time::Duration;

/// Longest wait for a word; the guard looks for boards every five seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits until the guard has said this.
#[track_caller]
fn await_line(env: &TestEnv, word: &str) {
    let said = || fs::read_to_string(env.path().join("said")).unwrap();
    assert!(eventually(LIMIT, || said().contains(word).then_some(())).is_some(), "{}", said());
}

/// Starts a guard whose words go into the file that [`await_line`] reads.
fn start(env: &TestEnv) -> Child {
    let said = File::create(env.path().join("said")).unwrap();
    let mut command = env.command();
    command.arg("guard").stdout(said.try_clone().unwrap()).stderr(said);
    command.spawn().unwrap()
}

#[track_caller]
fn end(mut guard: Child) {
    signal(guard.id().cast_signed(), Signal::TERM);
    assert!(guard.wait().unwrap().success());
}

#[test]
fn a_guard_goes_on_while_the_boards_cannot_be_listed() {
    let env = TestEnv::new();
    env.ok(&["init"]);
    let boards = env.write(".local/share/andon/kanban/boards", "no directory");
    let guard = start(&env);
    await_line(&env, "the boards cannot be listed: cannot list");
    fs::remove_file(&boards).unwrap();
    await_line(&env, "Guarding board default");
    end(guard);
}

#[test]
fn a_guard_says_that_there_is_nothing_to_guard_and_why() {
    let env = TestEnv::new();
    env.write(".local/share/andon/config.toml", "");
    let guard = start(&env);
    await_line(&env, "there is no board to guard");
    env.ok(&["init"]);
    await_line(&env, "Guarding board default");
    // Whoever takes the file away takes nothing from those who have it open; but nobody finds it.
    fs::remove_file(env.database()).unwrap();
    await_line(&env, "Not guarding board default: refusing to open");
    end(guard);
}
