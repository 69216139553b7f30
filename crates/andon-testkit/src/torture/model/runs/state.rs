//! Everything that a task, its runs and those who keep them can be at a moment.

use super::RUNS;

/// What went wrong in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Wrong {
    Stale,
    ExitLost,
}

/// Everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(super) status: Status,
    pub(super) current: Option<u8>,
    pub(super) failures: u8,
    pub(super) runs: [Run; RUNS],
    pub(super) dispatcher: Option<Dispatcher>,
    pub(super) word: Option<Word>,
    pub(super) kills: u8,
    pub(super) orders: u8,
    pub(super) taken_back: u8,
    pub(super) wrong: Option<Wrong>,
}

/// Where the task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Status {
    Ready,
    Running,
    Blocked,
    Done,
}

/// What a worker said, which the board has not heard yet: who passes it on may not belong to the
/// run's tree. One at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Word {
    /// The run that it names; nothing once that run is over.
    pub(super) run: Option<u8>,
    pub(super) to: Status,
}

/// A run: its rows, and its processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) row: Row,
    pub(super) claimer: Claimer,
    pub(super) has_runner: bool,
    pub(super) stop: Option<Status>,
    pub(super) is_gone: bool,
    pub(super) is_lapsed: bool,
    /// Whether the exit that its runner saw stands on the board.
    pub(super) is_known: bool,
    pub(super) runner: Runner,
    pub(super) tree: Tree,
    /// Whether the number of its dead runner names another process now.
    pub(super) is_reused: bool,
    /// Whether the dispatcher that has the board holds its runner.
    pub(super) is_watched: bool,
}

pub(super) const FREE: Run = Run {
    row: Row::Free,
    claimer: Claimer::Dead,
    has_runner: false,
    stop: None,
    is_gone: false,
    is_lapsed: false,
    is_known: false,
    runner: Runner::None,
    tree: Tree::Nothing,
    is_reused: false,
    is_watched: false,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Row {
    /// Nobody speaks of it.
    Free,
    Open,
    Closed,
}

/// The dispatcher that claimed it: the one that has the board, or one that died. Who stands by has
/// no claim, and who takes over is another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Claimer {
    Lives,
    Dead,
}

/// How far a runner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Runner {
    None,
    Spawned,
    Prepared,
    Registered,
    Watching,
    /// The board is through with the run; the worker has a while to end.
    Leaving,
    Ending,
    TreeGone,
}

/// What lives of a run beside its runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tree {
    Nothing,
    /// The stub, which waits for leave.
    Held,
    /// The worker, perhaps with others.
    Worker,
    /// Others that the worker started, without it.
    Orphans,
}

/// The dispatcher that has the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Dispatcher {
    /// The run that it claimed and has no runner for yet.
    pub(super) starting: Option<u8>,
    pub(super) settling: Settling,
}

/// How far it is with a run that may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Settling {
    Nothing,
    /// The rows are read.
    Looked {
        run: u8,
        has_runner: bool,
    },
    Sweeping {
        run: u8,
    },
    Reporting {
        run: u8,
        found: Found,
    },
    /// Only where runs are recorded first.
    SweepingLate {
        run: u8,
    },
}

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Found {
    /// It was never started, which is the task's fault as far as anybody knows.
    NeverStarted,
    /// Its dispatcher died first, which is not.
    Abandoned,
    /// Its runner died, and nothing is left.
    Swept,
    /// Its runner saw it end well.
    Ended,
    /// Its runner saw it fail.
    Failed,
}

impl Run {
    /// Whether anything of its worker lives. A stub is no worker.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.tree, Tree::Worker | Tree::Orphans)
    }
}

impl State {
    /// Whoever is through with a run forgets it, so that its place can be another's.
    pub(super) fn forget(&mut self) {
        for at in 0..RUNS {
            let run = &self.runs[at];
            let is_over = run.row == Row::Closed
                && run.is_gone
                && run.runner == Runner::None
                && run.tree == Tree::Nothing;
            let is_spoken_of = |dispatcher: &Dispatcher| {
                dispatcher.settling.run() == Some(at) || dispatcher.starting == Some(at as u8)
            };
            if is_over && !self.dispatcher.as_ref().is_some_and(is_spoken_of) {
                self.runs[at] = FREE;
                if let Some(word) = self.word.as_mut().filter(|word| word.run == Some(at as u8)) {
                    word.run = None;
                }
            }
        }
    }
}

impl Settling {
    pub(super) fn run(self) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Looked { run, .. }
            | Self::Sweeping { run }
            | Self::Reporting { run, .. }
            | Self::SweepingLate { run } => Some(usize::from(run)),
        }
    }
}
