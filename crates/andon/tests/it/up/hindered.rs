//! What the host lacks is not the tasks' fault.

use super::{LIMIT, board, shell, wait_for};
use crate::processes::{Up, await_word, eventually, log};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::path::Path;

/// Sets how many files a process may hold open; says how many it might before.
fn set_files_max(pid: i32, count: u64) -> u64 {
    let pid = Pid::from_raw(pid);
    let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit { current: Some(count), maximum };
    prlimit(pid, Resource::Nofile, limit).unwrap().current.unwrap()
}

/// The limit under which the process can open just so many files: a new one gets the lowest number
/// that is free.
fn room_for(pid: i32, spare: usize) -> u64 {
    let is_free = |number: &u64| !Path::new(&format!("/proc/{pid}/fd/{number}")).exists();
    (0..).filter(is_free).nth(spare).unwrap()
}

/// However many descriptors are missing: a start fails at another place for each number.
#[test]
fn a_dispatcher_out_of_descriptors_charges_no_task() {
    for spare in 0..6 {
        let env = board();
        // A start that has happened, so that what is opened once is open.
        let first = shell(&env, "First", "true", &[]);
        let up = Up::start(&env, &["--json"]);
        wait_for(&env, &first, "done");
        await_word(&env, LIMIT, r#""kind":"ended""#);
        let before = set_files_max(up.pid(), room_for(up.pid(), spare));
        let task = shell(&env, "Second", "true", &[]);
        let is_hindered = || {
            let said = log(&env);
            (said.contains("Too many open files") || env.status(&task) == "done").then_some(())
        };
        assert!(eventually(LIMIT, is_hindered).is_some(), "{}", log(&env));
        set_files_max(up.pid(), before);
        wait_for(&env, &task, "done");
        let events = env.ok(&["show", &task, "--json"]);
        assert!(!events.contains("spawn_failed"), "with {spare} to spare: {events}");
    }
}

/// The usual limit, 1,024, is used up by ninety boards; this one by five.
#[test]
fn a_low_limit_of_open_files_keeps_no_board_unserved_and_is_what_workers_get() {
    const SOFT: u64 = 60;
    let env = board();
    let made = ["one", "two", "three", "four", "five", "six", "seven"].map(|board| {
        env.ok(&["boards", "create", board]);
        (board, shell(&env, "Ask", "ulimit -Sn", &["--board", board]))
    });
    let own = rustix::process::getpid().as_raw_pid();
    let before = set_files_max(own, SOFT);
    let mut up = Up::start(&env, &["--once-empty"]);
    set_files_max(own, before);
    assert!(up.wait(LIMIT).success(), "{}", log(&env));
    for (board, task) in made {
        assert_eq!(env.ok(&["log", &task, "--board", board]).trim(), SOFT.to_string());
    }
    assert!(!log(&env).contains("Too many open files"), "{}", log(&env));
}
