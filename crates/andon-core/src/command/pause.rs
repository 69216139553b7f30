//! `pause` and `resume`: stop and go on starting work. Running work is left alone.

use super::Context;
use super::draft::unchanged;
use crate::rejected::Rejected;
use crate::text;
use crate::transition::{Outcome, Transition, Write};
use crate::view::{Needs, Pause, View};

/// The verb.
pub const VERB: &str = "pause";

/// Which of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// No claim succeeds until resumed.
    Pause {
        /// Why.
        reason: Option<String>,
    },
    /// Claims succeed again.
    Resume,
}

/// Pauses or resumes the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPause {
    /// Which.
    pub turn: Turn,
}

impl SetPause {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { pause: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let pause = match (&self.turn, &view.paused) {
            (Turn::Pause { .. }, Some(_)) | (Turn::Resume, None) => return Ok(unchanged()),
            (Turn::Resume, Some(_)) => None,
            (Turn::Pause { reason }, None) => {
                let reason =
                    text::optional_prose("reason", reason.as_deref(), text::NOTE_BYTES_MAX)?;
                Some(Pause { by: ctx.actor.name.clone(), reason, at: ctx.at })
            }
        };
        let writes = vec![Write::SetPause(pause)];
        Ok(Transition { writes, outcome: Outcome::PauseSet })
    }
}
