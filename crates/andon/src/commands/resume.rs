//! `resume`: tasks of the board may start again.

use super::pause::PauseObject;
use crate::app::Ctx;
use crate::error::CliError;
use crate::output::Format;
use andon_core::command::pause::{SetPause, Turn};
use andon_core::transition::Outcome;

/// Arguments of `resume`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Resumes the board.
pub(crate) fn run(Args {}: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let board = ctx.target.open_to_write()?;
    let applied = board.apply(SetPause { turn: Turn::Resume })?;
    let changed = applied.outcome != Outcome::Unchanged;
    let slug = board.choice.layout.slug().as_str();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&PauseObject {
            board: slug,
            paused: false,
            changed,
            by: None,
            reason: None,
            at: None,
        }),
        Format::Human if changed => ctx.ui.out(format_args!("Resumed board {slug}")),
        Format::Human => ctx.ui.out(format_args!("Board {slug} was not paused")),
    }
    Ok(())
}
