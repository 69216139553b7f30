//! `heartbeat`: gives a sign of life, which also renews the claim (S30).

use super::fence::Fence;
use crate::app::Ctx;
use crate::batch::{self, Done};
use crate::error::CliError;
use andon_core::command::heartbeat::{Heartbeat, Sign};
use andon_core::id::ClaimLock;

/// Arguments of `heartbeat`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// What is being done at the moment; becomes an event.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Refuse unless this lock holds the task.
    #[arg(long)]
    lock: Option<String>,
    #[command(flatten)]
    fence: Fence,
}

/// Gives the sign of life.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    batch::each(ctx, &[args.task], |board, task, _| {
        let lock = args.lock.clone().map(ClaimLock::from_text);
        let applied = board.apply(Heartbeat {
            task: task.clone(),
            expected_run: args.fence.expected(board, task),
            lock: lock.or_else(|| board.caller.lock_of(task)),
            sign: Sign::Worker { note: args.note.clone() },
        })?;
        Ok(Done::new(format!("Heartbeat recorded for {task}"), task, &applied))
    })
}
