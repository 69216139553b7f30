//! `block`: says that tasks cannot go on, and why.

use super::fence::Fence;
use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use andon_core::command::block::Block;
use andon_core::task::{BlockKind, Status};
use andon_core::transition::Outcome;

/// Arguments of `block`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// Why, for people; becomes a comment.
    reason: Vec<String>,
    /// More tasks, for the same reason.
    #[arg(long, num_args = 1.., value_name = "TASK")]
    ids: Vec<String>,
    /// Why, for the board: `dependency`, `needs_input`, `capability` or `transient`.
    #[arg(long, value_parser = kind)]
    kind: Option<BlockKind>,
    #[command(flatten)]
    fence: Fence,
}

/// Blocks the tasks.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let reason = arguments::words(&args.reason);
    let ids: Vec<String> = std::iter::once(args.task).chain(args.ids).collect();
    let because = arguments::because(reason.as_deref());
    batch::each(ctx, &ids, |board, task, _| {
        let applied = board.apply(Block {
            task: task.clone(),
            reason: reason.clone(),
            kind: args.kind,
            expected_run: args.fence.expected(board, task),
        })?;
        let line = match &applied.outcome {
            Outcome::Moved { to: Status::Todo, .. } => {
                format!("{task} → todo (dependency wait){because}")
            }
            Outcome::Moved { to: Status::Triage, .. } => {
                format!("{task} → triage (blocked again for the same reason){because}")
            }
            _ => format!("Blocked {task}{because}"),
        };
        Ok(Done::new(line, task, &applied))
    })
}

fn kind(text: &str) -> Result<BlockKind, String> {
    let known = || BlockKind::ALL.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
    BlockKind::from_word(text).ok_or_else(|| format!("use one of {}", known()))
}
