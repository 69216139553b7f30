//! `reclaim`: takes running tasks back, to be tried again.

use crate::app::Ctx;
use crate::batch;
use crate::ending::{self, Waiting};
use crate::error::CliError;
use andon_core::command::reclaim::Reclaim;
use andon_core::run::StopTo;

/// Arguments of `reclaim`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tasks.
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    /// Why; kept in the event.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
}

/// Takes the tasks back.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let limit = args.waiting.limit()?;
    batch::each(ctx, &args.tasks, |board, task, ctx| {
        let reason = args.reason.clone();
        let command = Reclaim { task: task.clone(), reason };
        ending::end(ctx, board, (task, command), (limit, StopTo::Ready, ""))
    })
}
