//! The living runners that this dispatcher watches: those it started, and those it adopted. Each
//! is held by a descriptor that becomes readable when the runner ends.

use andon_core::id::{RunId, TaskId};
use andon_core::run::Run;
use andon_runner::identity::{Host, Liveness, PidFd};
use rustix::process::{WaitId, WaitIdOptions, waitid};
use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};

/// Watched runners, by run.
#[derive(Debug, Default)]
pub(super) struct Runners(BTreeMap<RunId, Watched>);

#[derive(Debug)]
struct Watched {
    task: TaskId,
    pidfd: PidFd,
}

/// A runner that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EndedRunner {
    pub(super) run: RunId,
    pub(super) task: TaskId,
}

impl Runners {
    /// Watches a runner.
    pub(super) fn watch(&mut self, run: RunId, task: TaskId, pidfd: PidFd) {
        self.0.insert(run, Watched { task, pidfd });
    }

    /// Watches the living runners of these runs that are not watched yet; says how many. Nothing
    /// is ever killed on start: work goes on.
    pub(super) fn adopt(&mut self, runs: &[Run], host: &Host) -> usize {
        let before = self.0.len();
        for run in runs {
            let keeper = run.keeper.as_ref().filter(|keeper| keeper.gone_at.is_none());
            let Some(runner) = keeper.and_then(|keeper| keeper.runner.as_ref()) else { continue };
            // One that has ended can still be opened until its parent reaps it. Its descriptor
            // would be readable at once, again and again.
            let lives = host.liveness(runner) == Liveness::Alive;
            if self.0.contains_key(&run.id) || !lives {
                continue;
            }
            if let Some(pidfd) = host.open(runner) {
                self.watch(run.id, run.task.clone(), pidfd);
            }
        }
        self.0.len() - before
    }

    /// How many are watched.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether the run's runner is watched.
    pub(super) fn holds(&self, run: RunId) -> bool {
        self.0.contains_key(&run)
    }

    /// The descriptors, in the order of the runs.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.0.values().map(|watched| watched.pidfd.as_fd())
    }

    /// Takes out those whose descriptors, by their place, are readable, and reaps them.
    pub(super) fn take_ended(&mut self, places: &[usize]) -> Vec<EndedRunner> {
        let runs: Vec<RunId> = self.0.keys().copied().collect();
        let ended = places.iter().filter_map(|place| runs.get(*place));
        ended.filter_map(|run| self.take(*run)).collect()
    }

    fn take(&mut self, run: RunId) -> Option<EndedRunner> {
        let watched = self.0.remove(&run)?;
        // Only this one process is waited for (D23). An adopted runner is somebody else's child,
        // and the wait says so.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        waitid(WaitId::PidFd(watched.pidfd.as_fd()), options).ok();
        Some(EndedRunner { run, task: watched.task })
    }
}

#[cfg(test)]
mod tests;
