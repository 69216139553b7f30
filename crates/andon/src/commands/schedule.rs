//! `schedule`: parks tasks, if wanted until a time at which they wake by themselves.

use super::fence::Fence;
use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use crate::target;
use crate::when;
use andon_core::command::schedule::Schedule;

/// Arguments of `schedule`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// Why; becomes a comment.
    reason: Vec<String>,
    /// More tasks, for the same reason.
    #[arg(long, num_args = 1.., value_name = "TASK")]
    ids: Vec<String>,
    /// When to wake: a time with its zone, or `+2h`. Without it, somebody must unblock the task.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    fence: Fence,
}

/// Parks the tasks.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let reason = arguments::words(&args.reason);
    let due_at = args.at.as_deref().map(|text| when::at(text, target::now())).transpose()?;
    let ids: Vec<String> = std::iter::once(args.task).chain(args.ids).collect();
    let until = due_at.map(|at| format!(" until {}", when::local(at))).unwrap_or_default();
    let because = arguments::because(reason.as_deref());
    batch::each(ctx, &ids, |board, task, _| {
        let applied = board.apply(Schedule {
            task: task.clone(),
            reason: reason.clone(),
            due_at,
            expected_run: args.fence.expected(board, task),
        })?;
        Ok(Done::new(format!("Scheduled {task}{until}{because}"), task, &applied))
    })
}
