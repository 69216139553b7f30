//! Work beside the dispatcher's thread: starts, and the ending of what dead runners left. Each has
//! a thread of its own; results come back as messages, and all state stays with the dispatcher.

use super::board::Board;
use super::lost::{self, Lost, Recorded};
use super::start::{self, Started};
use super::wake::Wake;
use crate::profile::Profile;
use andon_core::id::{Assignee, TaskId};
use andon_core::policy::admission::Candidate;
use andon_store::StoreError;
use std::collections::{HashMap, HashSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Jobs of a kind at once. Their commits share the disk's syncs, so a few suffice to keep it busy;
/// more would only start more processes at the same moment.
pub(super) const JOBS_MAX: usize = 16;

/// Whether a job was taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "what was not taken on must be found again"]
pub(super) enum Taken {
    /// It runs.
    UnderWay,
    /// It has to come again.
    Not,
}

/// A finished job.
#[derive(Debug)]
pub(super) enum Done {
    /// A start.
    Start(TaskId, Started),
    /// The settlement of a lost run.
    Lost(Lost, Recorded),
}

/// Jobs under way. At most two of each task exist, so the channel needs no bound of its own.
pub(super) struct Jobs {
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    wake: Arc<Wake>,
    starting: HashMap<TaskId, Assignee>,
    settling: HashSet<TaskId>,
}

impl Jobs {
    pub(super) fn new(wake: Arc<Wake>) -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver, wake, starting: HashMap::new(), settling: HashSet::new() }
    }

    /// Tasks being started, with their profiles.
    pub(super) fn starting(&self) -> &HashMap<TaskId, Assignee> {
        &self.starting
    }

    /// Whether the task is being worked on here.
    pub(super) fn busy_with(&self, task: &TaskId) -> bool {
        self.starting.contains_key(task) || self.settling.contains(task)
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.starting.is_empty() && self.settling.is_empty()
    }

    /// Starts that may still be put under way.
    pub(super) fn slots(&self) -> usize {
        JOBS_MAX.saturating_sub(self.starting.len())
    }

    /// Puts a start under way.
    pub(super) fn start(&mut self, board: &Board, candidate: Candidate, profile: Profile) {
        let task = candidate.task.clone();
        self.starting.insert(task.clone(), candidate.profile.clone());
        let board = board.clone();
        let work = move || start::start(&board, &candidate, &profile);
        self.run(task, work, Done::Start, Started::Trouble);
    }

    /// Puts the settlement of a lost run under way, unless too many are already.
    pub(super) fn settle(&mut self, board: &Board, lost: Lost) -> Taken {
        if self.settling.len() >= JOBS_MAX || self.busy_with(&lost.task) {
            return Taken::Not;
        }
        self.settling.insert(lost.task.clone());
        let board = board.clone();
        let about = lost.clone();
        let work = move || {
            let apply = |command| board.apply(command);
            lost::settle(&lost, board.options.slug(), &apply)
        };
        self.run(about, work, Done::Lost, Recorded::Failed);
        Taken::UnderWay
    }

    /// Runs work on a thread and sends what came of it, whatever comes of it.
    fn run<A, R>(
        &self,
        about: A,
        work: impl FnOnce() -> R + Send + 'static,
        done: fn(A, R) -> Done,
        failed: fn(StoreError) -> R,
    ) where
        A: Clone + Send + 'static,
        R: Send + 'static,
    {
        let (sender, wake, about_it) = (self.sender.clone(), Arc::clone(&self.wake), about.clone());
        let thread = move || {
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                let text = panic_text(panic.as_ref());
                failed(StoreError::Internal(format!("a job of the dispatcher failed: {text}")))
            });
            sender.send(done(about_it, result)).ok();
            wake.wake();
        };
        let spawned = std::thread::Builder::new().name("andon-job".to_owned()).spawn(thread);
        if let Err(error) = spawned {
            let result = failed(no_thread(&error));
            self.sender.send(done(about, result)).ok();
            self.wake.wake();
        }
    }

    /// What has finished since.
    pub(super) fn finished(&mut self) -> Vec<Done> {
        let done: Vec<Done> = self.receiver.try_iter().collect();
        for job in &done {
            match job {
                Done::Start(task, _) => drop(self.starting.remove(task)),
                Done::Lost(lost, _) => drop(self.settling.remove(&lost.task)),
            }
        }
        done
    }
}

fn no_thread(error: &io::Error) -> StoreError {
    StoreError::Unavailable { doing: "start a thread", why: error.to_string(), hint: None }
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
