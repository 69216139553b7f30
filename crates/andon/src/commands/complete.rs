//! `complete`: finishes tasks, with what came out of them.

use super::fence::Fence;
use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use andon_core::command::complete::{Complete, Handoff};

/// Arguments of `complete`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tasks.
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    #[command(flatten)]
    handoff: HandoffArgs,
    #[command(flatten)]
    fence: Fence,
}

/// What is handed over.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct HandoffArgs {
    /// What came out.
    #[arg(long)]
    pub(super) result: Option<String>,
    /// What was done, for whoever comes next.
    #[arg(long)]
    summary: Option<String>,
    /// Data for programs: a JSON object; files in its list `artifacts` are named in the event.
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
}

impl HandoffArgs {
    /// Reads the arguments.
    pub(super) fn read(&self) -> Result<Handoff, CliError> {
        let given = self.metadata.as_deref().filter(|text| !text.is_empty());
        let (metadata, artifacts) = match given {
            Some(text) => arguments::metadata(text).map(|(text, files)| (Some(text), files))?,
            None => (None, Vec::new()),
        };
        let (result, summary) = (self.result.clone(), self.summary.clone());
        Ok(Handoff { result, summary, metadata, artifacts })
    }

    /// Whether it belongs to one task alone.
    pub(super) fn is_personal(&self) -> bool {
        self.summary.is_some() || self.metadata.is_some()
    }
}

/// Finishes the tasks.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let handoff = args.handoff.read()?;
    if args.tasks.len() > 1 && args.handoff.is_personal() {
        return Err(CliError::usage("--summary and --metadata belong to one task, not to several"));
    }
    batch::each(ctx, &args.tasks, |board, task, _| {
        let expected_run = args.fence.expected(board, task);
        let applied = board.apply(Complete {
            task: task.clone(),
            handoff: handoff.clone(),
            created_cards: Vec::new(),
            expected_run,
        })?;
        Ok(Done::new(format!("Completed {task}"), task, &applied))
    })
}
