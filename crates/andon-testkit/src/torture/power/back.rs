//! How a board comes back that is refused: the verb that the refusal names.

use super::shelf::{BACKUPS, Shelf};
use super::teller::BOARD;
use crate::torture::Failure;
use crate::torture::bench::Bench;
use andon_store::{Clock, StoreError};
use andon_store_sqlite::{GoodBoard, repair, restore};
use std::ffi::OsString;

/// The way back.
#[derive(Debug, Clone)]
pub(super) struct Back {
    pub(super) verb: Verb,
    /// What must lie beside the board afterwards, whatever it is called: the one that was there.
    pub(super) aside: Shelf,
}

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verb {
    /// Restores this backup.
    Restore(OsString),
    /// Repairs the board.
    Repair,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// There is a new file in the board's place.
    Back,
    /// There was nothing to do.
    Nothing,
}

impl Verb {
    /// Does it.
    pub(super) fn carry_out(&self, bench: &Bench, good: GoodBoard) -> Result<Came, Failure> {
        let (board, now) = (bench.path(BOARD), bench.world.clock.now());
        match self {
            Self::Restore(backup) => {
                restore(&board, &bench.path(BACKUPS).join(backup), good, now)?;
                Ok(Came::Back)
            }
            Self::Repair => match repair(&board, now) {
                Ok(_) => Ok(Came::Back),
                Err(StoreError::Refused { why, .. }) if why.contains("nothing to repair") => {
                    Ok(Came::Nothing)
                }
                Err(error) => Err(error.into()),
            },
        }
    }
}
