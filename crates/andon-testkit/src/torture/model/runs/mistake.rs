//! What the product might do wrongly with runs, and the rule that shows it.

use super::{EXIT, GONE, ONE_TREE, SETTLED, STALE};

/// What somebody might do wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// `expire` takes a lapsed lease for a dead holder.
    LapsedIsGone,
    /// `claim` does not wait until the tree of an earlier run is gone.
    NextDoesNotWait,
    /// A runner lets its worker go, then registers.
    ReleasedFirst,
    /// `register` accepts whatever run.
    RegisterUnfenced,
    /// `complete` and `block` accept whatever run.
    ReportUnfenced,
    /// `finish-run` moves the task whatever run it has.
    FinishUnfenced,
    /// A lost run is recorded, then what is left of it is ended.
    RecordedBeforeSwept,
    /// A process is known by its number alone.
    NumberAlone,
    /// A report that there was no runner is believed though one has registered meanwhile.
    LateRunnerUnseen,
    /// A second report of an end is taken for the first.
    ExitOverwritten,
    /// A wish to stop closes the run at once, and its tree counts as gone.
    StopIsEnd,
    /// Nobody looks for runs whose runner died.
    LostAreLeft,
}

#[rustfmt::skip] // One mistake, one line.
pub(super) const MISTAKES: &[(&str, &str, Mistake)] = &[
    ("a lapsed lease is taken for a dead holder", ONE_TREE, Mistake::LapsedIsGone),
    ("the next run does not wait for the last one's tree", ONE_TREE, Mistake::NextDoesNotWait),
    ("a worker is let go, then registered", ONE_TREE, Mistake::ReleasedFirst),
    ("a runner registers for whatever run", ONE_TREE, Mistake::RegisterUnfenced),
    ("a wish to stop counts as the end", ONE_TREE, Mistake::StopIsEnd),
    ("a worker's word names no run", STALE, Mistake::ReportUnfenced),
    ("a late end moves the task of another run", STALE, Mistake::FinishUnfenced),
    ("a lost run is recorded, then swept", GONE, Mistake::RecordedBeforeSwept),
    ("a runner that came late is overlooked", GONE, Mistake::LateRunnerUnseen),
    ("a second report of an end counts", EXIT, Mistake::ExitOverwritten),
    ("a process is known by its number alone", SETTLED, Mistake::NumberAlone),
    ("nobody looks for lost runs", SETTLED, Mistake::LostAreLeft),
];
