//! `promote`: makes waiting tasks ready by hand.

use crate::app::Ctx;
use crate::arguments;
use crate::error::{CliError, Kind};
use crate::output::Format;
use crate::target::Board;
use andon_core::command::promote::Promote;
use andon_core::task::PastParents;
use andon_wire::PromoteObject;

/// Arguments of `promote`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// Why; kept in the event.
    reason: Vec<String>,
    /// More tasks, for the same reason.
    #[arg(long, num_args = 1.., value_name = "TASK")]
    ids: Vec<String>,
    /// Even though parents are unfinished.
    #[arg(long)]
    force: bool,
    /// Only say whether it could be done.
    #[arg(long)]
    dry_run: bool,
}

/// Makes the tasks ready. Refusals are part of the JSON, as the peer has it.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let reason = arguments::words(&args.reason);
    let mut ids = vec![args.task.clone()];
    for id in &args.ids {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    let board = ctx.target.open_to_write()?;
    let mut objects = Vec::with_capacity(ids.len());
    let mut ended = Ok(());
    for id in &ids {
        let error = promote(&board, &args, id, reason.clone()).err();
        if ctx.ui.format() == Format::Human {
            match &error {
                Some(error) => named(error, id).report(&mut ctx.ui),
                None => ctx.ui.out(line(&args, id, reason.as_deref())),
            }
        }
        objects.push(PromoteObject {
            task_id: id,
            promoted: error.is_none() && !args.dry_run,
            dry_run: args.dry_run,
            forced: args.force,
            reason: reason.as_deref(),
            error: error.as_ref().map(text),
        });
        if let Some(error) = error {
            ended = Err(CliError::told());
            if error.kind != Kind::User {
                break;
            }
        }
    }
    match (ctx.ui.format(), objects.as_slice()) {
        (Format::Human, _) => {}
        (Format::Json, [object]) => ctx.ui.json(object),
        (Format::Json, objects) => ctx.ui.json(&objects),
    }
    ended
}

fn promote(board: &Board, args: &Args, id: &str, reason: Option<String>) -> Result<(), CliError> {
    let task = arguments::task_id(id)?;
    let parents = if args.force { PastParents::Overruled } else { PastParents::Wait };
    let command = Promote { task, reason, parents };
    if args.dry_run {
        board.store.preview(&board.request(command)).map(drop).map_err(CliError::from)
    } else {
        board.apply(command).map(drop)
    }
}

fn line(args: &Args, id: &str, reason: Option<&str>) -> String {
    if args.dry_run {
        format!("Would promote {id} -> ready (dry)")
    } else {
        format!("Promoted {id} -> ready{}", arguments::because(reason))
    }
}

/// The refusal with the task that it is about. Programs find the id beside the text.
fn named(error: &CliError, id: &str) -> CliError {
    let mut error = error.clone();
    if error.kind == Kind::User && !error.message.contains(id) {
        error.message = format!("cannot promote {id}: {}", error.message);
    }
    error
}

/// The refusal in one text, with its way out in brackets.
fn text(error: &CliError) -> String {
    let body = error.body();
    match body.hint {
        Some(hint) => format!("{} ({hint})", body.message),
        None => body.message,
    }
}
