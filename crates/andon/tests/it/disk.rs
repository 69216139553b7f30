//! Disks that are full or read-only, and homes of other users: every refusal says what is wrong
//! and what to do, nothing acknowledged is lost, and all goes on once the cause is gone.
//!
//! A disk of a test's own, and another user's eyes, are for root alone. Elsewhere these tests say
//! that they are skipped.

pub(crate) mod small;

use crate::env::{Ran, TestEnv};
use crate::library;
use crate::processes::{self, Up, eventually};
use andon_core::id::TaskId;
use andon_core::task::Status;
use andon_store::Read;
use andon_store_sqlite::{Depth, Verdict, check_board};
use insta::assert_snapshot;
use small::Disk;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

/// Longest wait for a dispatcher to notice, and to go on.
const LIMIT: Duration = Duration::from_secs(90);

/// More tasks than fit.
const TASKS_MAX: usize = 200;

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

fn ids(env: &TestEnv) -> BTreeSet<String> {
    let tasks = env.json(&["list"]);
    let tasks = tasks.as_array().unwrap().iter();
    tasks.map(|task| task["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until a dispatcher, which nobody restarts, has done the task in its one run.
fn follow_to_done(env: &TestEnv, task: &str) {
    let store = library::open(env);
    let task = TaskId::parse(task).unwrap();
    let is_done = || store.task_get(&task).unwrap().unwrap().status == Status::Done;
    eventually(LIMIT, || is_done().then_some(()))
        .unwrap_or_else(|| panic!("{}", processes::log(env)));
    let runs = store.run_list(&task).unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
}

#[test]
fn what_was_acknowledged_is_there_when_the_disk_became_full() {
    let env = TestEnv::new();
    let Some(disk) = Disk::mount(&env) else { return };
    let body = "x".repeat(6_000);
    let mut acknowledged = BTreeSet::new();
    let refused = (0..TASKS_MAX).find_map(|_| {
        let ran = env.run(&["create", "A", "--body", &body, "--json"]);
        if ran.code != 0 {
            return Some(ran);
        }
        let task: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        acknowledged.insert(task["id"].as_str().unwrap().to_owned());
        None
    });
    assert_snapshot!(refused.unwrap(), @r#"
    exit 1
    -- stderr
    {
      "error": {
        "code": "unavailable",
        "message": "cannot write to the board: database or disk is full (SQLite code 13)",
        "hint": "make room on the disk that holds the board"
      }
    }
    "#);
    disk.fill();
    let first = acknowledged.first().unwrap().clone();
    assert_snapshot!(env.run(&["complete", &first]), @"
    exit 1
    -- stderr
    andon: cannot write to the board: database or disk is full (SQLite code 13)
      hint: make room on the disk that holds the board
    ");
    assert_eq!(ids(&env), acknowledged);
    let verdict = check_board(&env.database(), Depth::Full, LIMIT).unwrap();
    assert!(matches!(verdict, Verdict::Sound), "{verdict:?}");
    assert_eq!(env.status(&first), "ready");
    disk.enlarge();
    env.ok(&["complete", &first]);
    assert_eq!(env.status(&first), "done");
    acknowledged.insert(env.create(&["B"]));
    acknowledged.remove(&first);
    assert!(acknowledged.iter().all(|task| env.status(task) == "ready"));
}

#[test]
fn a_full_disk_makes_no_board_and_leaves_nothing_of_one() {
    let env = TestEnv::new();
    let Some(disk) = Disk::mount(&env) else { return };
    disk.fill();
    assert_snapshot!(env.run(&["init"]), @"
    exit 1
    -- stderr
    andon: cannot switch the board to WAL mode: database or disk is full (SQLite code 13)
      hint: make room on the disk that holds the board
    ");
    let left: Vec<String> = names(&env.home());
    assert_eq!(left, ["filler", "kanban.db.init.lock"]);
    disk.enlarge();
    env.ok(&["init"]);
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_dispatcher_waits_for_room_and_then_goes_on() {
    let env = processes::env();
    let Some(disk) = Disk::mount(&env) else { return };
    let task = env.create(&["A", "--assignee", "shell", "--body", "true"]);
    disk.fill();
    let _up = Up::start(&env, &[]);
    processes::await_word(&env, LIMIT, "disk is full");
    assert_eq!(env.status(&task), "ready");
    disk.enlarge();
    follow_to_done(&env, &task);
}

#[test]
fn a_read_only_home_is_refused_by_name_and_works_again_when_it_is_writable() {
    let env = processes::env();
    let Some(disk) = Disk::mount(&env) else { return };
    let task = env.create(&["A", "--assignee", "shell", "--body", "true"]);
    disk.remount("remount,ro");
    assert_snapshot!(env.run(&["create", "B"]), @"
    exit 1
    -- stderr
    andon: refusing to open <home>/kanban.db: <home>/kanban.db is on a read-only file system
      hint: a board is written even when it is read; mount it writable, or copy it elsewhere
    ");
    assert_snapshot!(env.run(&["list"]), @"
    exit 1
    -- stderr
    andon: refusing to open <home>/kanban.db: <home>/kanban.db is on a read-only file system
      hint: a board is written even when it is read; mount it writable, or copy it elsewhere
    ");
    assert_snapshot!(env.run(&["dispatch"]), @"
    exit 1
    -- stderr
    andon: cannot lock <home>/kanban.db.dispatch.lock
      because Read-only file system (os error 30)
      hint: make the board's directory writable for this user
    ");
    let _up = Up::start(&env, &[]);
    processes::await_word(&env, LIMIT, "Read-only file system (os error");
    disk.remount("remount,rw");
    follow_to_done(&env, &task);
    assert_eq!(ids(&env), BTreeSet::from([task]));
}

/// Runs as a user who owns nothing.
fn run_as_nobody(env: &TestEnv, arguments: &[&str]) -> Ran {
    let mut command = env.command();
    env.ran(command.args(arguments).uid(NOBODY).gid(NOBODY).output().unwrap())
}

/// Whether that is possible here: root may become anybody, and the binary must be within reach.
#[expect(clippy::print_stderr, reason = "a skipped test must not look like one that passed")]
fn may_be_nobody(env: &TestEnv) -> bool {
    fs::set_permissions(env.path(), Permissions::from_mode(0o755)).unwrap();
    let tried = env.command().arg("--version").uid(NOBODY).gid(NOBODY).output();
    let may = tried.is_ok_and(|output| output.status.success());
    if !may {
        eprintln!("skipped: this user may not become another one");
    }
    may
}

#[test]
fn a_home_out_of_reach_is_told_from_one_that_is_not_there() {
    let env = TestEnv::new();
    if !may_be_nobody(&env) {
        return;
    }
    env.create(&["A"]);
    assert_snapshot!(run_as_nobody(&env, &["list"]), @"
    exit 1
    -- stderr
    andon: the current board cannot be read from <home>/kanban/current
      because Permission denied (os error 13)
      hint: run as the user who owns the home, or name another one with `--home`
    ");
    assert_snapshot!(run_as_nobody(&env, &["create", "B"]), @"
    exit 1
    -- stderr
    andon: the current board cannot be read from <home>/kanban/current
      because Permission denied (os error 13)
      hint: run as the user who owns the home, or name another one with `--home`
    ");
    assert_snapshot!(run_as_nobody(&env, &["up"]), @"
    exit 1
    -- stderr
    andon: cannot look into the home <home>
      because Permission denied (os error 13)
      hint: run as the user who owns the home, or name another one with `--home`
    ");
    assert_snapshot!(run_as_nobody(&env, &["init"]), @"
    exit 1
    -- stderr
    andon: cannot make the board's directory: <dir>/.local/share: Permission denied (os error 13)
      hint: name a home that this user may write with `--home` or ANDON_HOME
    ");
    assert_eq!(ids(&env).len(), 1);
}

#[test]
fn a_board_that_may_only_be_read_is_refused_until_it_is_ones_own() {
    let env = TestEnv::new();
    if !may_be_nobody(&env) {
        return;
    }
    let task = env.create(&["A"]);
    let homes = [".local", ".local/share", ".local/share/andon"].map(|dir| env.path().join(dir));
    let files = names(&env.home()).into_iter().map(|name| env.home().join(name));
    for path in homes.iter().cloned().chain(files) {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
    assert_snapshot!(run_as_nobody(&env, &["list"]), @"
    exit 1
    -- stderr
    andon: refusing to open <home>/kanban.db: this user may not read and write <home>/kanban.db
      hint: change its owner or mode, or run as the user who owns the board
    ");
    assert_snapshot!(run_as_nobody(&env, &["create", "B"]), @"
    exit 1
    -- stderr
    andon: refusing to open <home>/kanban.db: this user may not read and write <home>/kanban.db
      hint: change its owner or mode, or run as the user who owns the board
    ");
    assert_snapshot!(run_as_nobody(&env, &["dispatch"]), @"
    exit 1
    -- stderr
    andon: cannot lock <home>/kanban.db.dispatch.lock
      because Permission denied (os error 13)
      hint: make the board's directory writable for this user
    ");
    assert_eq!(ids(&env), BTreeSet::from([task]));
    for path in homes.iter().cloned().chain(names(&env.home()).iter().map(|n| env.home().join(n))) {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    assert_eq!(run_as_nobody(&env, &["create", "B"]).code, 0);
}
