//! `archive`: puts tasks away. A running one is ended first, its whole process tree (S11).

use crate::app::Ctx;
use crate::batch;
use crate::ending::{self, Waiting};
use crate::error::CliError;
use andon_core::command::archive::Archive;
use andon_core::run::StopTo;

/// Arguments of `archive`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tasks.
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    #[command(flatten)]
    waiting: Waiting,
}

/// Puts the tasks away.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let limit = args.waiting.limit()?;
    batch::each(ctx, &args.tasks, |board, task, ctx| {
        let command = Archive { task: task.clone() };
        ending::end(ctx, board, (task, command), (limit, StopTo::Archived, ""))
    })
}
