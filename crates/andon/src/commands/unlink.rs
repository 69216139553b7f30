//! `unlink`: removes a link.

use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use andon_core::command::unlink::Unlink;

/// Arguments of `unlink`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task that must be finished first.
    parent: String,
    /// The task that waits for it.
    child: String,
}

/// Removes the link.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let parent = arguments::task_id(&args.parent)?;
    batch::each(ctx, &[args.child], |board, child, _| {
        let applied = board.apply(Unlink { parent: parent.clone(), child: child.clone() })?;
        Ok(Done::new(format!("Unlinked {parent} -> {child}"), child, &applied))
    })
}
