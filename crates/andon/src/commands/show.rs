//! `show`: one task with all that belongs to it.

use crate::app::Ctx;
use crate::error::CliError;
use andon_core::id::TaskId;

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    #[arg(value_name = "TASK")]
    task: String,
}

/// Shows the task.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let id =
        TaskId::parse(&args.task).map_err(|error| CliError::user("bad_name", error.to_string()))?;
    let board = ctx.target.open_to_read()?;
    let task = board.store.task_get(&id)?;
    let task = task.ok_or_else(|| CliError::user("unknown_task", format!("no such task: {id}")))?;
    ctx.ui.out(format_args!("Task {id}: {}", task.title));
    Ok(())
}
