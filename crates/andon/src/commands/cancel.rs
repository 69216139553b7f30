//! `cancel`: ends running tasks and parks them as blocked, so that nothing starts them again
//! unasked.

use crate::app::Ctx;
use crate::arguments;
use crate::batch;
use crate::ending::{self, Waiting};
use crate::error::CliError;
use andon_core::command::cancel::Cancel;
use andon_core::run::StopTo;

/// Arguments of `cancel`.
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

/// Ends the runs.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let limit = args.waiting.limit()?;
    let because = arguments::because(args.reason.as_deref());
    batch::each(ctx, &args.tasks, |board, task, ctx| {
        let reason = args.reason.clone();
        let command = Cancel { task: task.clone(), reason };
        ending::end(ctx, board, (task, command), (limit, StopTo::Blocked, &because))
    })
}
