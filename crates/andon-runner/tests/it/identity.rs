//! A number that was used again never passes for the process that had it before.

use crate::roles::{LIMIT, start};
use andon_core::process::Process;
use andon_runner::identity::{Host, Liveness};
use andon_runner::wait;
use rustix::event::{PollFd, PollFlags};
use std::time::Instant;

#[test]
fn a_living_process_is_alive_and_can_be_opened() {
    let host = Host::read().unwrap();
    let own = host.this_process().unwrap();
    assert_eq!(host.liveness(&own), Liveness::Alive);
    assert_eq!(host.open(&own).unwrap().pid, own.pid);
}

#[test]
fn a_reused_number_is_neither_alive_nor_opened() {
    let host = Host::read().unwrap();
    let own = host.this_process().unwrap();
    let earlier = Process { started: own.started - 1, ..own };
    assert_eq!(host.liveness(&earlier), Liveness::Gone);
    assert!(host.open(&earlier).is_none());
}

#[test]
fn other_boots_and_other_hosts_are_told_apart() {
    let host = Host::read().unwrap();
    let own = host.this_process().unwrap();
    let before = Process { boot: "another".to_owned(), ..own.clone() };
    assert_eq!(host.liveness(&before), Liveness::OtherBoot);
    assert!(host.open(&before).is_none());
    let elsewhere = Process { machine: "another".to_owned(), ..own };
    assert_eq!(host.liveness(&elsewhere), Liveness::ForeignHost);
    assert!(host.open(&elsewhere).is_none());
}

#[test]
fn numbers_that_are_no_process_are_gone() {
    let host = Host::read().unwrap();
    let own = host.this_process().unwrap();
    for pid in [0, -1, i32::MAX] {
        let none = Process { pid, ..own.clone() };
        assert_eq!(host.liveness(&none), Liveness::Gone, "{pid}");
        assert!(host.open(&none).is_none(), "{pid}");
    }
}

#[test]
fn an_ended_process_that_nobody_reaped_is_gone() {
    let host = Host::read().unwrap();
    let running = start("exit 0", "zombie");
    let mut ended = [PollFd::new(&running.pidfd, PollFlags::IN)];
    assert_eq!(wait::until(&mut ended, Some(Instant::now() + LIMIT)).unwrap(), 1);
    assert_eq!(host.liveness(&running.process), Liveness::Gone);
}
