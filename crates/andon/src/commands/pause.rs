//! `pause`: nothing is started on the board until `resume`. Running work goes on.

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use crate::when;
use andon_core::command::pause::{SetPause, Turn};
use andon_core::transition::Outcome;
use serde::Serialize;

/// Arguments of `pause`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Why; shown to whoever asks why a task waits.
    reason: Vec<String>,
}

/// How the board stands, for programs.
#[derive(Debug, Serialize)]
pub(super) struct PauseObject<'a> {
    pub(super) board: &'a str,
    pub(super) paused: bool,
    /// False if the board stood like this before.
    pub(super) changed: bool,
    pub(super) by: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) at: Option<i64>,
}

/// Pauses the board.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let reason = arguments::words(&args.reason);
    let board = ctx.target.open_to_write()?;
    let applied = board.apply(SetPause { turn: Turn::Pause { reason } })?;
    let changed = applied.outcome != Outcome::Unchanged;
    let pause = board.store.pause_get()?;
    let slug = board.choice.layout.slug().as_str();
    if ctx.ui.format() == Format::Json {
        ctx.ui.json(&PauseObject {
            board: slug,
            paused: pause.is_some(),
            changed,
            by: pause.as_ref().map(|pause| pause.by.as_str()),
            reason: pause.as_ref().and_then(|pause| pause.reason.as_deref()),
            at: pause.as_ref().map(|pause| pause.at.0),
        });
        return Ok(());
    }
    match pause {
        Some(pause) => {
            let because = arguments::because(pause.reason.as_deref());
            let (by, at) = (&pause.by, when::local(pause.at));
            let state = if changed { "Paused" } else { "Already paused:" };
            ctx.ui.out(format_args!("{state} board {slug} (by {by}, {at}){because}"));
            ctx.ui.out("Running tasks go on; `andon resume` lets new ones start.");
        }
        None => ctx.ui.out(format_args!("Board {slug} was resumed by somebody else meanwhile")),
    }
    Ok(())
}
