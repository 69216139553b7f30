//! Every limit ends a worker that breaks it.

use crate::roles::{LIMIT, alone, shell, stub_program};
use andon_core::run::{Exit, Limit};
use andon_core::time::Seconds;
use andon_runner::identity::Host;
use andon_runner::limits::{Fence, Limits};
use andon_runner::spawn::{Running, prepare};
use andon_runner::tree::{EndPolicy, Kinship, Target, end_tree};
use andon_runner::wait;
use rustix::event::{PollFd, PollFlags};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const AT_ONCE: EndPolicy = EndPolicy { grace: Duration::ZERO, kill_wait: LIMIT };

fn fenced(script: &str, limits: Limits, root: &Path) -> (Running, Fence) {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    let host = Host::read().unwrap();
    let pending = prepare(&host, &stub_program(), shell(script, Path::new("/"), "limits")).unwrap();
    let fence = Fence::put_up(limits, Some(root), "limits", pending.process.pid);
    (pending.release().unwrap(), fence)
}

/// Watches a worker as its keeper would, until it ends or breaks a limit.
fn watch(running: &Running, fence: &mut Fence) -> Option<Limit> {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        let mut ended = [PollFd::new(&running.pidfd, PollFlags::IN)];
        if wait::until(&mut ended, fence.next_look(begun)).unwrap() > 0 {
            return None;
        }
        let broken = fence.broken(Instant::now(), begun);
        if broken.is_some() {
            return broken;
        }
    }
    panic!("neither ended nor broke a limit within {LIMIT:?}");
}

fn end(running: &Running) -> Exit {
    let worker = running.process.clone();
    let target = Target { worker, mark: "limits".to_owned(), kinship: Kinship::Keeper };
    end_tree(&target, &AT_ONCE).exit.unwrap()
}

/// A place where no control group can be made.
fn no_root() -> &'static Path {
    Path::new("/proc")
}

alone! {
    fn wall_time_is_limited() {
        let limits = Limits { time_s: Some(1), ..Limits::NONE };
        let (running, mut fence) = fenced("exec sleep 1000", limits, no_root());
        let broken = watch(&running, &mut fence);
        assert!(matches!(broken, Some(Limit::Time { limit: Seconds(1), .. })), "{broken:?}");
        assert!(matches!(end(&running), Exit::Signal(9 | 15)));
    }

    fn a_limit_beyond_all_time_is_none() {
        let forever = Some(u64::MAX);
        let limits = Limits { time_s: forever, idle_s: forever, ..Limits::NONE };
        let (running, mut fence) = fenced("exit 0", limits, no_root());
        assert_eq!(watch(&running, &mut fence), None);
        assert_eq!(end(&running), Exit::Code(0));
    }

    fn silence_is_limited() {
        let limits = Limits { idle_s: Some(1), ..Limits::NONE };
        let (running, mut fence) = fenced("exec sleep 1000", limits, no_root());
        assert_eq!(watch(&running, &mut fence), Some(Limit::Idle { silent: Seconds(1) }));
        let _exit = end(&running);
    }

    fn processor_time_is_limited() {
        let limits = Limits { cpu_s: Some(1), ..Limits::NONE };
        let (running, mut fence) = fenced("while :; do :; done", limits, no_root());
        // Either the kernel's signal or the measuring comes first.
        let cpu = Limit::Cpu { limit: Seconds(1) };
        match watch(&running, &mut fence) {
            Some(broken) => assert_eq!(broken, cpu),
            None => assert_eq!(fence.explain(end(&running)), Exit::Limit(cpu)),
        }
    }

    fn processor_time_of_many_short_processes_is_limited_as_a_sum() {
        let limits = Limits { cpu_s: Some(1), ..Limits::NONE };
        let script = "while :; do /bin/sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; done";
        let (running, mut fence) = fenced(script, limits, no_root());
        assert_eq!(watch(&running, &mut fence), Some(Limit::Cpu { limit: Seconds(1) }));
        let _exit = end(&running);
    }

    fn memory_of_many_processes_is_limited_as_a_sum() {
        let limits = Limits { memory_kb: Some(40_000), ..Limits::NONE };
        // Each keeps 20 MB, which alone is within the limit.
        let keep = "(head -c 20000000 /dev/zero; sleep 1000) | tail -c 20000000";
        let script = format!("{keep} & {keep} & {keep} & wait");
        let (running, mut fence) = fenced(&script, limits, no_root());
        let broken = watch(&running, &mut fence);
        assert!(matches!(broken, Some(Limit::Memory { used_kb: 40_001.., .. })), "{broken:?}");
        let _exit = end(&running);
    }

    fn memory_of_one_process_is_refused_by_the_kernel() {
        let limits = Limits { memory_kb: Some(20_000), ..Limits::NONE };
        let script = "head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null";
        let (running, mut fence) = fenced(script, limits, no_root());
        assert_eq!(watch(&running, &mut fence), None);
        assert_eq!(end(&running), Exit::Code(1));
    }

    fn a_control_group_is_given_the_bounds() {
        let root = tempfile::tempdir().unwrap();
        let limits = Limits {
            memory_kb: Some(1000),
            processes: Some(9),
            cpu_percent: Some(150),
            ..Limits::NONE
        };
        let (running, _fence) = fenced("exit 0", limits, root.path());
        let read = |file| fs::read_to_string(root.path().join("andon-limits").join(file)).unwrap();
        assert_eq!(read("memory.max"), "1024000");
        assert_eq!(read("pids.max"), "9");
        assert_eq!(read("cpu.max"), "150000 100000");
        assert_eq!(read("cgroup.procs"), running.process.pid.to_string());
        let _exit = end(&running);
    }
}
