//! The steps of a run's world, by whose they are.

use super::RUNS;

/// A step. Numbers are those of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// What the dispatcher does.
    Dispatcher(Dispatches),
    /// What the dispatcher does about a run.
    Looks(u8, LooksAt),
    /// What a runner does.
    Runner(u8, Keeps),
    /// What a worker does.
    Worker(u8, Works),
    /// What happens to a run.
    Fate(u8, Befalls),
    /// What a worker said reaches the board, however late.
    WordArrives,
    /// The dispatcher is killed.
    DispatcherDies,
    /// What people and the peer do to the task.
    Outside(Orders),
}

/// A dispatcher's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dispatches {
    /// `dispatcher::lock::take`, then `Runners::adopt`: one that stood by, or was started now.
    TakesBoard,
    /// `dispatcher::start::claim`.
    Claims,
    /// `dispatcher::start::spawn`, and `Runners::watch`.
    Spawns,
    /// `dispatcher::start::give_back`.
    CannotSpawn,
    /// `dispatcher::lost::judge`.
    Judges,
    /// `tree::end_tree`, by a stranger.
    Sweeps,
    /// `dispatcher::lost::report`.
    Reports,
}

/// A dispatcher's looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LooksAt {
    /// `dispatcher::lost::load`.
    WhetherLost,
    /// `dispatcher::expired`: judged and told at once.
    WhetherExpired,
}

/// A runner's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// `keeper::prepare`: the stub waits for leave.
    Prepares,
    /// `keeper::board::register`.
    Registers,
    /// `spawn::Pending::release`.
    Releases,
    /// `keeper::board::renew`.
    Renews,
    /// `keeper::board::standing`.
    Looks,
    /// `keeper::watching::until_end`: the worker ended, or stayed too long.
    Ends,
    /// `tree::end_tree`, by its keeper.
    EndsTree,
    /// `keeper::ending::record`: it ended well.
    RecordsSuccess,
    /// `keeper::ending::record`: it failed.
    RecordsFailure,
}

/// A worker's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Works {
    /// Nothing of it is left.
    Ends,
    /// It ends, and what it started lives on.
    LeavesOrphans,
    /// It, or what it started, says `complete` to somebody who passes it on.
    Completes,
    /// The same for `block`.
    Blocks,
}

/// What happens to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Befalls {
    /// Its lease was not renewed in time.
    LeaseLapses,
    /// The number of its dead runner is given to another process.
    NumberIsReused,
    /// Its runner is killed; the kernel kills its worker.
    RunnerDies,
    /// The same, and what the worker started lives on.
    RunnerDiesLeavingOrphans,
}

/// What people and the peer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orders {
    /// `cancel`.
    Cancel,
    /// `reclaim`.
    Reclaim,
    /// `complete` without a run.
    Complete,
    /// `unblock`.
    Unblock,
    /// The peer's dispatcher takes back a claim whose lease ran out, whoever lives.
    PeerTakesBack,
}

impl Step {
    /// Whether it is sure to be taken, some time.
    pub(super) fn is_fair(self) -> bool {
        match self {
            Self::Dispatcher(what) => what != Dispatches::CannotSpawn,
            Self::Looks(..) | Self::Runner(..) | Self::WordArrives => true,
            Self::Worker(_, what) => what == Works::Ends,
            Self::Fate(..) | Self::DispatcherDies | Self::Outside(_) => false,
        }
    }

    /// Every step that there is.
    pub(super) fn all(steps: &mut Vec<Self>) {
        use {Befalls as B, Dispatches as D, Keeps as K, Orders as O, Works as W};
        let dispatches = [D::TakesBoard, D::Claims, D::Spawns, D::CannotSpawn];
        let settles = [D::Judges, D::Sweeps, D::Reports];
        steps.extend(dispatches.into_iter().chain(settles).map(Self::Dispatcher));
        steps.extend([Self::WordArrives, Self::DispatcherDies]);
        let begins = [K::Prepares, K::Registers, K::Releases, K::Renews, K::Looks];
        let ends = [K::Ends, K::EndsTree, K::RecordsSuccess, K::RecordsFailure];
        let works = [W::Ends, W::LeavesOrphans, W::Completes, W::Blocks];
        let dies = [B::RunnerDies, B::RunnerDiesLeavingOrphans];
        for run in 0..RUNS as u8 {
            let looks = [LooksAt::WhetherLost, LooksAt::WhetherExpired];
            steps.extend(looks.map(|what| Self::Looks(run, what)));
            let keeps = begins.into_iter().chain(ends);
            steps.extend(keeps.map(|what| Self::Runner(run, what)));
            steps.extend(works.map(|what| Self::Worker(run, what)));
            let befalls = [B::LeaseLapses, B::NumberIsReused].into_iter().chain(dies);
            steps.extend(befalls.map(|what| Self::Fate(run, what)));
        }
        let orders = [O::Cancel, O::Reclaim, O::Complete, O::Unblock, O::PeerTakesBack];
        steps.extend(orders.map(Self::Outside));
    }
}
