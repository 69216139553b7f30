//! Leaving a board because somebody wishes it: when the wish is fulfilled, and when to look.

use super::Stop;
use andon_core::run::Run;
use andon_store::{Read, StoreError};
use std::time::{Duration, Instant};

/// Longest wait, when leaving, for starts under way. What is not through by then is found by the
/// next dispatcher, claimed and without a runner.
const LEAVE_WAIT: Duration = Duration::from_secs(10);

/// Whether this dispatcher's own work is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hands {
    /// Nothing is under way.
    Empty,
    /// Starts, or the settlement of lost runs.
    Full,
}

/// Since when somebody wishes that the board is left.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    since: Option<Instant>,
}

impl Leaving {
    /// Notes that the wish is there.
    pub(super) fn note(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// When to look without a cause. Whoever waits for workers is woken by their ends.
    pub(super) fn look_at(&self, stop: Option<Stop>) -> Option<Instant> {
        match stop {
            Some(Stop::Leave) => self.since.map(|since| since + LEAVE_WAIT),
            Some(Stop::Drain) | None => None,
        }
    }

    /// Whether the wish can be fulfilled now.
    pub(super) fn is_fulfilled(
        &self,
        stop: Option<Stop>,
        hands: Hands,
        board: &dyn Read,
    ) -> Result<bool, StoreError> {
        match stop {
            None => Ok(false),
            Some(Stop::Leave) => {
                let is_late = self.since.is_some_and(|since| since.elapsed() >= LEAVE_WAIT);
                Ok(hands == Hands::Empty || is_late)
            }
            // Runs of people and of other programs end when those like. A worker that has reported
            // its end is waited for as well: it lives until its processes are gone.
            Some(Stop::Drain) => {
                let is_ours = |run: &Run| run.keeper.is_some();
                Ok(hands == Hands::Empty
                    && !board
                        .run_open_list()?
                        .iter()
                        .any(|row| row.run.as_ref().is_some_and(is_ours))
                    && board.run_lingering_list(1)?.is_empty())
            }
        }
    }
}

#[cfg(test)]
mod tests;
