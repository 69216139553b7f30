//! What the product might do wrongly with a board's files, and the rule that shows it.

use super::{COMMITS, ELSEWHERE, IN_PLACE, INDEX_ANEW, LOG_TAKEN, MIXED};

/// What somebody might do wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// Nobody guards the board.
    Unguarded,
    /// The guard leaves the index out.
    IndexUnguarded,
    /// The guard's locks belong to the process, as SQLite's do.
    GuardLost,
    /// Writers do not queue.
    NoQueue,
    /// The locks of the index are SQLite's alone.
    SingleLocks,
    /// The queue's lock is a file that is there, and outlives its holder.
    TurnOutlives,
    /// Nobody looks whether the files are in place.
    Unlooked,
    /// Who looks, looks before it has its turn.
    LookedEarly,
    /// A store notes the files at the paths, whatever it saw there when it opened them.
    NotedBlindly,
    /// A writer's connection, made later, is not compared.
    WriterBlind,
    /// A checkpoint does not look.
    CheckpointBlind,
    /// Who restores does not queue.
    RestoredUnqueued,
}

#[rustfmt::skip] // One mistake, one line.
pub(super) const MISTAKES: &[(&str, &str, Mistake)] = &[
    ("nobody guards the board", LOG_TAKEN, Mistake::Unguarded),
    ("the guard's locks belong to the process", LOG_TAKEN, Mistake::GuardLost),
    ("the guard leaves the index out", INDEX_ANEW, Mistake::IndexUnguarded),
    ("the locks of the index are SQLite's alone", INDEX_ANEW, Mistake::SingleLocks),
    ("writers do not queue", ELSEWHERE, Mistake::NoQueue),
    ("a turn outlives its holder", COMMITS[0], Mistake::TurnOutlives),
    ("nobody looks whether the files are in place", ELSEWHERE, Mistake::Unlooked),
    ("who looks, looks before its turn", ELSEWHERE, Mistake::LookedEarly),
    ("who restores does not queue", ELSEWHERE, Mistake::RestoredUnqueued),
    ("a store notes files that it has not open", IN_PLACE, Mistake::NotedBlindly),
    ("a writer's connection is not compared", IN_PLACE, Mistake::WriterBlind),
    ("a checkpoint does not look", MIXED, Mistake::CheckpointBlind),
];
