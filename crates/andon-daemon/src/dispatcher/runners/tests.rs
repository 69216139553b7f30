//! Claims about runners, with real processes.

use super::*;
use andon_core::process::Process;
use andon_core::run::Keeper;
use andon_core::task::Status;
use andon_core::time::Timestamp;
use rustix::process::Pid;
use std::process::{Child, Command, Stdio};

fn child(program: &str) -> Child {
    Command::new(program).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
}

fn run(host: &Host, runner: Process) -> Run {
    Run {
        id: RunId(1),
        task: TaskId::from_random(1),
        profile: None,
        step_key: None,
        status: "running".to_owned(),
        claim: None,
        worker_pid: None,
        max_runtime: None,
        last_heartbeat_at: None,
        started_at: Timestamp(0),
        ended_at: None,
        outcome: None,
        summary: None,
        metadata: None,
        error: None,
        keeper: Some(Keeper {
            came_from: Status::Ready,
            claimer: host.this_process().unwrap(),
            runner: Some(runner),
            worker: None,
            stop: None,
            gone_at: None,
        }),
    }
}

#[test]
#[expect(clippy::zombie_processes, reason = "what is tried here is that it is waited for")]
fn a_living_runner_is_adopted_once_and_its_end_is_seen() {
    let host = Host::read().unwrap();
    let mut child = child("cat");
    let run = run(&host, host.process(child.id().cast_signed()).unwrap());
    let mut runners = Runners::default();
    let twice = [run.clone(), run.clone()];
    assert_eq!(runners.adopt(&twice, &host), 1);
    assert!(runners.holds(run.id));
    // Its input ends, and so does it.
    drop(child.stdin.take());
    await_end(&child);
    assert_eq!(runners.take_ended(&[0]), [EndedRunner { run: run.id, task: run.task }]);
    assert_eq!(runners.count(), 0);
}

#[test]
fn a_runner_that_has_ended_and_was_not_reaped_is_not_adopted() {
    let host = Host::read().unwrap();
    let mut child = child("cat");
    let run = run(&host, host.process(child.id().cast_signed()).unwrap());
    drop(child.stdin.take());
    await_end(&child);
    assert_eq!(Runners::default().adopt(&[run], &host), 0);
    child.wait().unwrap();
}

#[test]
fn a_runner_whose_tree_is_confirmed_gone_is_of_no_interest() {
    let host = Host::read().unwrap();
    let mut run = run(&host, host.this_process().unwrap());
    run.keeper.as_mut().unwrap().gone_at = Some(Timestamp(1));
    assert_eq!(Runners::default().adopt(&[run], &host), 0);
}

/// Waits for a child's end without reaping it.
fn await_end(child: &Child) {
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
}
