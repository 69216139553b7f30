//! `unblock`: releases blocked or parked tasks.

use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use andon_core::command::unblock::Unblock;
use andon_core::task::Status;
use andon_core::transition::Outcome;

/// Arguments of `unblock`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tasks.
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    /// Why; becomes a comment.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Releases the tasks.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let because = arguments::because(reason);
    batch::each(ctx, &args.tasks, |board, task, _| {
        let reason = reason.map(str::to_owned);
        let applied = board.apply(Unblock { task: task.clone(), reason })?;
        // A task with open parents does not start; saying only "unblocked" would hide it (S29).
        let waits = match &applied.outcome {
            Outcome::Moved { to: Status::Todo, .. } => " → todo (waits for its parents)",
            _ => "",
        };
        Ok(Done::new(format!("Unblocked {task}{waits}{because}"), task, &applied))
    })
}
