//! Every way in which a board's files are broken here.

mod content;
mod header;
mod log;
mod pages;

use super::damage::Victim;
use super::scene::{Scene, Whole};
use crate::rows::Rows;
use crate::torture::Failure;

/// Which board is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// One with all of it in the database.
    Settled,
    /// One with its newest commits in the log.
    Logged,
    /// One with a rollback journal, in the middle of a change.
    Journalled,
}

impl Base {
    pub(super) fn of(self, scene: &Scene) -> &Whole {
        match self {
            Self::Settled => &scene.settled,
            Self::Logged => &scene.logged,
            Self::Journalled => &scene.journalled,
        }
    }
}

/// What must become of the board.
pub(super) enum Fate {
    /// SQLite puts it right, or it does no harm: every row is there, and nothing is to be repaired.
    Harmless,
    /// It is noticed, and every row comes back that does not lie on a page that was hit.
    Repaired,
    /// It is noticed, and these rows come back.
    State(Rows),
    /// It is noticed, every row is there, and there is nothing that a repair could do.
    Left,
    /// It is noticed, and stays, because nothing of a board can be read from it, or because it is
    /// not broken but newer.
    Refused,
    /// Nobody can notice it: what stands there is as good as what stood there. These rows are
    /// there, or every one that does not lie on a page that was hit.
    Unseen(Option<Rows>),
}

/// A way of breaking a board.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) base: Base,
    pub(super) damage: fn(&mut Victim<'_>) -> Result<Fate, Failure>,
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Kind> {
    [header::KINDS, pages::KINDS, content::KINDS, log::KINDS].into_iter().flatten()
}
