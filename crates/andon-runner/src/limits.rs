//! A run's limits: wall time, silence, memory, processor time, number of processes.
//!
//! The kernel enforces what it can: for the whole tree where the run has a control group, else for
//! each process. What is left is measured here, and only where a limit asks for it. This file says
//! that a limit is broken; ending the run is the keeper's.

use crate::cgroup::{Bounds, Leaf};
use crate::{exit, tree};
use andon_core::run::{Exit, Limit};
use andon_core::time::Seconds;
use andon_proc::process;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Time between two measurements of a tree: short against any sensible limit, and less than a
/// millisecond of work for a worker of some processes with some threads.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// Processor seconds between SIGXCPU, which a worker may handle, and the kernel's SIGKILL.
const CPU_LAST_WORDS_S: u64 = 5;

/// Limits of one run; an absent one does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall time in seconds.
    pub time_s: Option<u64>,
    /// Seconds without a sign of life.
    pub idle_s: Option<u64>,
    /// Memory of the tree in KiB: bounded by the control group, else the sum of resident sizes, in
    /// which shared pages count more than once.
    pub memory_kb: Option<u64>,
    /// Processor time of the tree in seconds.
    pub cpu_s: Option<u64>,
    /// Processors' worth of time in percent of one; needs a control group.
    pub cpu_percent: Option<u32>,
    /// Number of processes; needs a control group.
    pub processes: Option<u32>,
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self = Self {
        time_s: None,
        idle_s: None,
        memory_kb: None,
        cpu_s: None,
        cpu_percent: None,
        processes: None,
    };
}

/// The limits of one run as they are enforced.
#[derive(Debug)]
pub struct Fence {
    limits: Limits,
    leaf: Option<Leaf>,
    begun: Instant,
    measured: Instant,
}

impl Fence {
    /// Puts a prepared worker, which has not started its program yet, under its limits.
    pub fn put_up(limits: Limits, root: Option<&Path>, mark: &str, pid: i32) -> Self {
        let bounds = Bounds {
            memory_kb: limits.memory_kb,
            processes: limits.processes,
            cpu_percent: limits.cpu_percent,
        };
        let leaf = Leaf::create(root, mark, &bounds).filter(|leaf| leaf.admit(pid).is_ok());
        let now = Instant::now();
        let fence = Self { limits, leaf, begun: now, measured: now };
        fence.limit_each_process(pid);
        fence
    }

    /// A refusal leaves the measuring as the only means; a process inherits both bounds.
    fn limit_each_process(&self, pid: i32) {
        let pid = Pid::from_raw(pid);
        if let Some(cpu_s) = self.limits.cpu_s {
            set_limit(pid, Resource::Cpu, cpu_s, cpu_s.saturating_add(CPU_LAST_WORDS_S));
        }
        if let Some(kb) = self.limits.memory_kb.filter(|_| !self.kernel_bounds_memory()) {
            let bytes = kb.saturating_mul(1024);
            set_limit(pid, Resource::Data, bytes, bytes);
        }
    }

    fn kernel_bounds_memory(&self) -> bool {
        self.leaf.as_ref().is_some_and(Leaf::bounds_memory)
    }

    fn needs_measuring(&self) -> bool {
        self.limits.cpu_s.is_some()
            || (self.limits.memory_kb.is_some() && !self.kernel_bounds_memory())
    }

    /// When to ask [`Fence::broken`] next; `None` when only the worker's own end matters.
    pub fn next_look(&self, last_sign: Instant) -> Option<Instant> {
        // A limit beyond all time is none: another program may have written any number.
        let after = |from: Instant, limit: Option<u64>| {
            limit.and_then(|limit| from.checked_add(Duration::from_secs(limit)))
        };
        let time = after(self.begun, self.limits.time_s);
        let idle = after(last_sign, self.limits.idle_s);
        let measure = self.needs_measuring().then(|| self.measured + MEASURE_EVERY);
        [time, idle, measure].into_iter().flatten().min()
    }

    /// The limit that is broken now, if any. `last_sign` is the worker's last output or heartbeat.
    pub fn broken(&mut self, now: Instant, last_sign: Instant) -> Option<Limit> {
        let elapsed = now.saturating_duration_since(self.begun);
        if let Some(limit) = self.limits.time_s.filter(|limit| elapsed.as_secs() >= *limit) {
            return Some(Limit::Time {
                elapsed: seconds(elapsed.as_secs()),
                limit: seconds(limit),
            });
        }
        let silent = now.saturating_duration_since(last_sign).as_secs();
        if self.limits.idle_s.is_some_and(|limit| silent >= limit) {
            return Some(Limit::Idle { silent: seconds(silent) });
        }
        if !self.needs_measuring() || now < self.measured + MEASURE_EVERY {
            return None;
        }
        self.measured = now;
        self.measure()
    }

    fn measure(&self) -> Option<Limit> {
        let measured = tree::measure_descendants().ok()?;
        if let Some(limit_kb) = self.limits.memory_kb.filter(|_| !self.kernel_bounds_memory()) {
            let page_kb = rustix::param::page_size() as u64 / 1024;
            let used_kb = measured.resident_pages * page_kb;
            if used_kb > limit_kb {
                return Some(Limit::Memory { used_kb, limit_kb });
            }
        }
        let limit = self.limits.cpu_s?;
        let used_ms = self.leaf.as_ref().and_then(Leaf::cpu_ms).unwrap_or_else(|| {
            let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
            measured.cpu_ticks * 1000 / ticks_per_second + exit::usage_of_children().cpu_ms
        });
        (used_ms / 1000 >= limit).then(|| Limit::Cpu { limit: seconds(limit) })
    }

    /// Names the limit behind an end that the kernel brought about.
    pub fn explain(&self, exit: Exit) -> Exit {
        let killed = exit == Exit::Signal(Signal::KILL.as_raw());
        if killed
            && let (Some(leaf), Some(limit_kb)) = (&self.leaf, self.limits.memory_kb)
            && leaf.ran_out_of_memory()
        {
            return Exit::Limit(Limit::Memory { used_kb: limit_kb, limit_kb });
        }
        match self.limits.cpu_s {
            Some(limit) if exit == Exit::Signal(Signal::XCPU.as_raw()) => {
                Exit::Limit(Limit::Cpu { limit: seconds(limit) })
            }
            Some(_) | None => exit,
        }
    }

    /// Kills all in the run's group at once, where it has one; `tree` then confirms.
    pub fn kill_group(&self) {
        // Older kernels refuse; then the tree is ended process by process.
        self.leaf.as_ref().and_then(|leaf| leaf.kill().ok());
    }
}

/// Sets this process's soft limit of open files, which its worker inherits.
pub(crate) fn allow_open_files(soft: u64) -> io::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(soft), maximum })?)
}

fn set_limit(pid: Option<Pid>, resource: Resource, soft: u64, hard: u64) {
    // Nobody may raise a bound that the host set lower.
    let ours = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let wanted = Rlimit { current: Some(soft.min(ours)), maximum: Some(hard.min(ours)) };
    // The worker is our child and has our user: refused only by a security module, and then the
    // measuring remains.
    prlimit(pid, resource, wanted).ok();
}

fn seconds(count: u64) -> Seconds {
    Seconds(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Sums over all living descendants of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) resident_pages: u64,
    pub(crate) cpu_ticks: u64,
}

impl Measured {
    pub(crate) fn sum<'a>(stats: impl Iterator<Item = &'a process::Stat>) -> Self {
        let zero = Self { resident_pages: 0, cpu_ticks: 0 };
        stats.fold(zero, |sum, stat| Self {
            resident_pages: sum.resident_pages + stat.resident_pages,
            cpu_ticks: sum.cpu_ticks + stat.cpu_ticks,
        })
    }
}
