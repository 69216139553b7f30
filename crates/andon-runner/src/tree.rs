//! A worker's whole process tree: finding it, and ending it for certain (D26).
//!
//! Nothing here waits on an unnamed child: what is reaped is reaped by its own number (D23).

mod children;
mod find;

pub(crate) use children::reap_orphans;
pub(crate) use find::measure_descendants;

use crate::exit;
use crate::identity::PidFd;
use crate::wait;
use andon_core::process::Process;
use andon_core::run::{Exit, Means};
use nix::errno::Errno;
use rustix::event::{PollFd, PollFlags};
use rustix::process::Signal;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Name of the variable that marks every process of a run; its value is unique to the run.
pub const MARK_VARIABLE: &str = "ANDON_RUN_MARK";

/// Descriptors held at once while ending a tree: half of the usual limit of 1024 open files. The
/// rest of a larger tree has its turn in the next round.
const ROUND_MEMBERS_MAX: usize = 512;

/// Pause between two looks at a tree that nothing can be waited for in: a foreign process whose
/// parent does not reap it, or one that may not be signalled.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Looks without a finding that prove an orphaned tree to be gone. One is not enough: a look is not
/// atomic, and a process may have its child at a number already passed.
const EMPTY_LOOKS: u32 = 2;

/// A tree to be ended.
#[derive(Debug, Clone)]
pub struct Target {
    /// Root of the tree; it may be gone.
    pub worker: Process,
    /// Value of [`MARK_VARIABLE`] in this run's processes.
    pub mark: String,
    /// How its processes relate to the caller.
    pub kinship: Kinship,
}

/// How the processes of a tree relate to the process that ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinship {
    /// The caller is the run's keeper and a child subreaper: its descendants are the tree, and the
    /// kernel itself says when none is left.
    Keeper,
    /// The keeper died. The tree is looked for by descent from the worker, by its session and by
    /// its mark.
    Stranger,
}

/// How much patience a tree is ended with.
#[derive(Debug, Clone, Copy)]
pub struct EndPolicy {
    /// From SIGTERM to SIGKILL.
    pub grace: Duration,
    /// From the first SIGKILL until the survivors are given up on for now.
    pub kill_wait: Duration,
}

/// What became of a tree.
#[derive(Debug)]
#[must_use = "a tree that survived must not be taken for gone"]
pub struct Ended {
    /// Its end.
    pub how: How,
    /// The worker's own end, where the caller was its keeper and reaped it here.
    pub exit: Option<Exit>,
}

/// A tree's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Nothing of it lived.
    AlreadyGone,
    /// It went after SIGTERM.
    Asked,
    /// It took SIGKILL.
    Killed,
    /// These processes live on: they may not be signalled, or hang in the kernel.
    Survived(Vec<Process>),
}

impl How {
    /// The means as the board records them; `None` where the tree is not gone.
    pub fn means(&self) -> Option<Means> {
        match self {
            How::AlreadyGone | How::Asked => Some(Means::Asked),
            How::Killed => Some(Means::Killed),
            How::Survived(_) => None,
        }
    }
}

/// Ends a tree: asks all of it to go, waits, then kills whatever is left and whatever it has
/// started meanwhile, until none is left or the patience is used up.
pub fn end_tree(target: &Target, policy: &EndPolicy) -> Ended {
    let mut ending = Ending { target, exit: None };
    let how = ending.run(policy);
    Ended { how, exit: ending.exit }
}

/// Whether nothing of the tree lives. In doubt, as when `/proc` cannot be read, it is not gone.
pub fn is_gone(target: &Target) -> bool {
    Ending { target, exit: None }.confirmed_gone()
}

struct Ending<'a> {
    target: &'a Target,
    exit: Option<Exit>,
}

impl Ending<'_> {
    fn run(&mut self, policy: &EndPolicy) -> How {
        if self.confirmed_gone() {
            return How::AlreadyGone;
        }
        let grace_ends = Instant::now() + policy.grace;
        // Processes that show up later were started by those that were asked, perhaps to clean up.
        // They have their turn when their makers are gone.
        if self.rounds(Signal::TERM, grace_ends) {
            return How::Asked;
        }
        if self.rounds(Signal::KILL, Instant::now() + policy.kill_wait) {
            return How::Killed;
        }
        let survivors = find::members(self.target).unwrap_or_default();
        let identify = |stat: find::Member| Process {
            machine: self.target.worker.machine.clone(),
            boot: self.target.worker.boot.clone(),
            pid: stat.pid,
            started: stat.started,
        };
        How::Survived(survivors.into_iter().map(identify).collect())
    }

    /// Signals all, waits for them, looks for more; whether none was left before the deadline.
    fn rounds(&mut self, signal: Signal, deadline: Instant) -> bool {
        loop {
            let members = self.open_members();
            for member in &members {
                // One that refuses the signal is found again, and is a survivor in the end.
                let sent = member.signal(signal);
                if signal == Signal::TERM && sent.is_ok() {
                    // A stopped process handles no SIGTERM until it is continued.
                    member.signal(Signal::CONT).ok();
                }
            }
            // Where nothing is held, only the look itself can tell; the pause keeps it cheap.
            let held = !members.is_empty();
            let until = if held { deadline } else { deadline.min(Instant::now() + LOOK_AGAIN) };
            wait_for_end(&members, until);
            if self.confirmed_gone() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
        }
    }

    fn open_members(&self) -> Vec<PidFd> {
        let members = find::members(self.target).unwrap_or_default();
        let open = |member: &find::Member| PidFd::open(member.pid, member.started).ok().flatten();
        members.iter().filter_map(open).take(ROUND_MEMBERS_MAX).collect()
    }

    fn confirmed_gone(&mut self) -> bool {
        match self.target.kinship {
            Kinship::Keeper => self.no_child_left(),
            Kinship::Stranger => (0..EMPTY_LOOKS)
                .all(|_| find::members(self.target).is_ok_and(|members| members.is_empty())),
        }
    }

    /// Reaps what has ended. Whoever has no child has no descendant either: an orphan's next living
    /// subreaper is this process.
    fn no_child_left(&mut self) -> bool {
        loop {
            match children::ended() {
                Err(Errno::ECHILD) => return true,
                Ok(Some(pid)) => {
                    let Some(status) = children::reap(pid) else { return false };
                    if pid == self.target.worker.pid {
                        // The first one: a later child may have got the number anew.
                        self.exit.get_or_insert_with(|| exit::of_status(&status));
                    }
                }
                Ok(None) | Err(_) => return false,
            }
        }
    }
}

/// Waits until all of them have ended, or the deadline.
fn wait_for_end(members: &[PidFd], deadline: Instant) {
    let mut waiting: Vec<&PidFd> = members.iter().collect();
    while !waiting.is_empty() && Instant::now() < deadline {
        let mut fds: Vec<PollFd<'_>> = waiting
            .iter()
            .map(|member| PollFd::from_borrowed_fd(member.as_fd(), PollFlags::IN))
            .collect();
        if wait::until(&mut fds, Some(deadline)).is_err() {
            return;
        }
        let ended: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let mut ended = ended.into_iter();
        waiting.retain(|_| !ended.next().unwrap_or(true));
    }
}
