//! What the product might do wrongly when it opens a board, and the rule that shows it.

use super::{HALF, KEPT, OPENS, REPLACED, TWICE};

/// What somebody might do wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// Nobody takes the init lock.
    LockIgnored,
    /// Who has waited long enough goes on without it.
    WaitedEnough,
    /// The schema is written under the board's own name.
    MadeInPlace,
    /// The finished file takes the place of whatever has its name.
    RenamedOver,
    /// The file is named before it is synced.
    NamedUnsynced,
    /// The directory is not synced before a commit into a new log is acknowledged.
    NamesUnsynced,
    /// What a dead one left under the temporary name is taken for finished.
    LeftoverTaken,
    /// The marks are committed before the rest of the schema.
    MarkedFirst,
    /// What is to be adopted is not looked at again under the lock.
    NotLookedAgain,
    /// A dead maker's lock is waited for: it is a file that exists, not a `flock`.
    LockOutlives,
}

#[rustfmt::skip] // One mistake, one line.
pub(super) const MISTAKES: &[(&str, &str, Mistake)] = &[
    ("nobody takes the init lock", HALF, Mistake::LockIgnored),
    ("who has waited long enough goes on unlocked", HALF, Mistake::WaitedEnough),
    ("the schema is made in place", HALF, Mistake::MadeInPlace),
    ("what a dead maker left is taken for finished", HALF, Mistake::LeftoverTaken),
    ("a board is marked before it is adopted", HALF, Mistake::MarkedFirst),
    ("a finished board is named over another", REPLACED, Mistake::RenamedOver),
    ("nobody looks again under the init lock", TWICE, Mistake::NotLookedAgain),
    ("a board is named before it is synced", KEPT, Mistake::NamedUnsynced),
    ("the names of a new log are not synced", KEPT, Mistake::NamesUnsynced),
    ("a lock outlives its holder", OPENS, Mistake::LockOutlives),
];
