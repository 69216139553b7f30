//! `runs`: the attempts at a task.

use super::state_filter::StateFilter;
use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use crate::{run_lines, target};
use andon_wire::RunRow;

/// Arguments of `runs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    #[command(flatten)]
    states: StateFilter,
}

/// Lists the runs. An unknown task is an error, not an empty list (S35).
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let id = arguments::task_id(&args.task)?;
    args.states.check()?;
    let board = ctx.target.open_to_read()?;
    board.require_task(&id)?;
    let mut runs = board.store.run_list(&id)?;
    runs.retain(|run| args.states.admits(run));
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&runs.iter().map(RunRow::from).collect::<Vec<_>>()),
        Format::Human if runs.is_empty() => ctx.ui.out(format_args!("(no runs of {id})")),
        Format::Human => {
            run_lines::write_head(&mut ctx.ui);
            let now = target::now();
            runs.iter().for_each(|run| run_lines::write_row(&mut ctx.ui, run, now));
        }
    }
    Ok(())
}
