//! The kernel's lines are read as it writes them.

use super::*;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

#[test]
fn a_name_with_blanks_and_brackets_does_not_shift_the_fields() {
    let text = "42 (a) b (c)) S 7 42 40 0 -1 4194560 0 0 0 0 1 2 3 4 20 0 1 0 9000 1024 55 0 0";
    let stat = parse(text).unwrap();
    assert_eq!((stat.pid, stat.state, stat.parent, stat.session), (42, 'S', 7, 40));
    assert_eq!((stat.cpu_ticks, stat.started, stat.resident_pages), (10, 9000, 55));
}

#[test]
fn a_cut_line_is_refused() {
    assert_eq!(parse("42 (sh) S 7 42"), None);
    assert_eq!(parse(""), None);
}

#[test]
fn this_process_is_among_all() {
    let own = std::process::id().cast_signed();
    let stat = read(own).unwrap();
    assert!(!stat.is_dead());
    assert!(all().unwrap().iter().any(|other| other.pid == own && other.started == stat.started));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "ends the processes that this test has made")]
fn a_tree_is_found_by_the_lists_of_children_whoever_made_them() {
    // What is innermost says that everything is there.
    let script = "sleep 60 & (sleep 60 & echo ready; wait) & wait";
    let make = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdout(Stdio::piped()).process_group(0).spawn().unwrap()
    };
    // One is the child of a thread that has ended: its list has been handed on.
    let mut made = [make(), std::thread::spawn(make).join().unwrap()];
    for shell in &mut made {
        let mut ready = [0];
        shell.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    }
    let own = std::process::id().cast_signed();
    let found: HashSet<i32> = below(own).unwrap().iter().map(|stat| stat.pid).collect();
    let everybody = all().unwrap();
    let parent_of = |pid: i32| everybody.iter().find(|stat| stat.pid == pid).map(|it| it.parent);
    for shell in &mut made {
        let root = shell.id().cast_signed();
        let is_below = |stat: &&Stat| {
            let mut above = std::iter::successors(Some(stat.pid), |pid| parent_of(*pid));
            above.any(|pid| pid == root)
        };
        let wanted: Vec<i32> = everybody.iter().filter(is_below).map(|stat| stat.pid).collect();
        assert!(wanted.len() >= 3, "{wanted:?}");
        assert!(wanted.iter().all(|pid| found.contains(pid)), "{wanted:?}, {found:?}");
        let group = rustix::process::Pid::from_raw(root).unwrap();
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
        shell.wait().unwrap();
    }
}

#[test]
fn nobody_is_below_a_process_that_is_not_there() {
    assert!(below(i32::MAX).is_err());
}

#[test]
fn this_process_has_its_arguments_and_its_program() {
    let own = std::process::id().cast_signed();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    assert_eq!(super::arguments(own).unwrap(), arguments);
    assert_eq!(executable(own).unwrap(), std::env::current_exe().unwrap());
    assert!(!read(own).unwrap().is_stopped());
}
