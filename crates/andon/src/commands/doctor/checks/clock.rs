//! `clock`: leases, waits and schedules are judged by the time of day, so a clock that went back
//! holds them all up.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::Finding;
use crate::when;
use andon_core::time::Seconds;
use andon_store_sqlite::Inspection;

/// Clocks of one host may differ by this much between two looks, because seconds are cut off.
const TOLERANCE: Seconds = Seconds(2);

pub(super) fn look(case: &BoardCase<'_>) -> Vec<Finding> {
    if let Err(error) = case.require_current() {
        return vec![Finding::not_made(error)];
    }
    vec![match case.look(Inspection::newest) {
        Err(error) => Finding::not_made(error),
        Ok(None) => Finding::ok("nothing has happened on the board yet"),
        Ok(Some(newest)) => {
            let ahead = newest - case.now;
            if ahead > TOLERANCE {
                Finding::warning(
                    format!(
                        "the newest entry of the board is from {}, which is {} in the future: the \
                         clock went back",
                        when::local(newest),
                        when::elapsed(ahead)
                    ),
                    "set the clock right; until then leases and waits end late by as much",
                )
            } else {
                Finding::ok(format!("the newest entry is from {}", when::local(newest)))
            }
        }
    }]
}
