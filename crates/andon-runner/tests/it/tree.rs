//! Ending a tree leaves nothing of it, whatever its processes do.

use crate::roles::{LIMIT, alone, await_end, eventually, read_lines, role, start};
use crate::spawn::worker_of;
use andon_core::run::Exit;
use andon_proc::process;
use andon_runner::identity::{Host, Liveness};
use andon_runner::spawn::Running;
use andon_runner::tree::{EndPolicy, Ended, How, Kinship, Target, end_tree, is_gone};
use std::process::Stdio;
use std::time::Duration;

const PATIENT: EndPolicy = EndPolicy { grace: LIMIT, kill_wait: LIMIT };
const SHORT: EndPolicy = EndPolicy { grace: Duration::from_millis(300), kill_wait: LIMIT };

fn kept(running: &Running, mark: &str) -> Target {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    Target { worker: running.process.clone(), mark: mark.to_owned(), kinship: Kinship::Keeper }
}

fn end(script: &str, lines: usize, policy: &EndPolicy) -> Ended {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    let running = start(script, "tree");
    read_lines(&running, lines);
    let target = kept(&running, "tree");
    let ended = end_tree(&target, policy);
    assert!(is_gone(&target));
    ended
}

alone! {
    fn a_worker_starts_with_no_signal_blocked() {
        let blocked = nix::sys::signal::SigSet::all();
        blocked.thread_block().unwrap();
        let ended = end("echo ready; exec sleep 1000", 1, &PATIENT);
        assert_eq!((ended.how, ended.exit), (How::Asked, Some(Exit::Signal(15))));
    }

    fn a_worker_that_goes_when_asked_is_not_killed() {
        let ended = end("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done", 1, &PATIENT);
        assert_eq!((ended.how, ended.exit), (How::Asked, Some(Exit::Code(7))));
    }

    fn a_worker_that_ignores_being_asked_is_killed() {
        let ended = end("trap '' TERM; echo ready; exec sleep 1000", 1, &SHORT);
        assert_eq!((ended.how, ended.exit), (How::Killed, Some(Exit::Signal(9))));
    }

    fn a_stopped_worker_can_still_go_when_asked() {
        let running = start("trap 'exit 7' TERM; kill -STOP $$; while :; do sleep 0.01; done", "tree");
        let state = || process::read(running.process.pid).unwrap().state;
        eventually("the worker has stopped", || state() == 'T');
        let ended = end_tree(&kept(&running, "tree"), &PATIENT);
        assert_eq!((ended.how, ended.exit), (How::Asked, Some(Exit::Code(7))));
    }

    fn a_detached_grandchild_that_ignores_being_asked_is_found_and_killed() {
        let detached = r#"trap "" TERM; echo $$; exec sleep 1000"#;
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
        let running = start(&format!("(setsid env -i /bin/sh -c '{detached}' &) ; exit 3"), "tree");
        let pid: i32 = read_lines(&running, 1)[0].parse().unwrap();
        // Else it could be asked before it has left.
        await_end(&running.pidfd);
        let ended = end_tree(&kept(&running, "tree"), &SHORT);
        assert_eq!((ended.how, ended.exit), (How::Killed, Some(Exit::Code(3))));
        assert!(process::read(pid).is_err());
    }

    fn a_wide_tree_is_ended_as_a_whole() {
        let script = "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; echo ready; wait";
        let ended = end(script, 1, &PATIENT);
        assert_eq!(ended.how, How::Asked);
    }

    fn a_tree_that_keeps_growing_is_ended() {
        let script = "trap '' TERM; echo ready; while :; do (sleep 1000 &) ; done";
        let ended = end(script, 1, &SHORT);
        assert_eq!(ended.how, How::Killed);
    }

    fn a_worker_that_left_by_itself_was_gone_already() {
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
        let running = start("exit 5", "tree");
        await_end(&running.pidfd);
        let ended = end_tree(&kept(&running, "tree"), &PATIENT);
        assert_eq!((ended.how, ended.exit), (How::AlreadyGone, Some(Exit::Code(5))));
    }

    fn a_signal_is_reported_as_such() {
        let running = start("kill -SEGV $$", "tree");
        await_end(&running.pidfd);
        let ended = end_tree(&kept(&running, "tree"), &PATIENT);
        assert_eq!(ended.exit, Some(Exit::Signal(11)));
    }
}

#[test]
#[ignore = "the keeper's process of orphans_of_a_killed_keeper_are_found_and_ended"]
fn doomed_keeper() {
    let marked = r#"(setsid /bin/sh -c 'trap "" TERM; echo marked; exec sleep 1000' &)"#;
    let session = r#"(env -i /bin/sh -c 'trap "" TERM; echo session; exec sleep 1000' &)"#;
    let running = start(&format!("{marked}; {session}; exec sleep 1000"), "orphaned-by-test");
    read_lines(&running, 2);
    println!("\nworker {}", running.process);
    await_end(&running.pidfd);
}

#[test]
fn orphans_of_a_killed_keeper_are_found_and_ended() {
    let mut keeper = role("it::tree::doomed_keeper").stdout(Stdio::piped()).spawn().unwrap();
    let worker = worker_of(&mut keeper);
    let host = Host::read().unwrap();
    let pidfd = host.open(&worker).unwrap();
    keeper.kill().unwrap();
    keeper.wait().unwrap();
    await_end(&pidfd);
    assert_eq!(host.liveness(&worker), Liveness::Gone);

    let mark = "orphaned-by-test".to_owned();
    let target = Target { worker, mark, kinship: Kinship::Stranger };
    assert!(!is_gone(&target));
    let ended = end_tree(&target, &SHORT);
    assert_eq!((ended.how, ended.exit), (How::Killed, None));
    assert!(is_gone(&target));
}
