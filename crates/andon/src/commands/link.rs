//! `link`: makes one task wait for another.

use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use andon_core::command::link::Link;

/// Arguments of `link`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task that must be finished first.
    parent: String,
    /// The task that waits for it.
    child: String,
}

/// Links the tasks.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let parent = arguments::task_id(&args.parent)?;
    batch::each(ctx, &[args.child], |board, child, _| {
        let applied = board.apply(Link { parent: parent.clone(), child: child.clone() })?;
        Ok(Done::new(format!("Linked {parent} -> {child}"), child, &applied))
    })
}
