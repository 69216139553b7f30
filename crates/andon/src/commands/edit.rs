//! `edit`: changes what a task says about itself, or what a finished one handed over (S26).

use super::complete::HandoffArgs;
use crate::app::Ctx;
use crate::arguments;
use crate::batch::{self, Done};
use crate::error::CliError;
use andon_core::command::Command;
use andon_core::command::edit::Edit;
use andon_core::command::edit_result::EditResult;
use andon_core::id::TaskId;
use andon_core::transition::Fields;
use std::num::ParseIntError;
use std::path::PathBuf;

/// Arguments of `edit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "--result, --summary and --metadata rewrite the hand-off of a finished \
    task; all other flags change the task itself. An empty text clears a field.")]
pub(crate) struct Args {
    /// The task.
    task: String,
    #[command(flatten)]
    handoff: HandoffArgs,
    #[command(flatten)]
    fields: FieldArgs,
}

#[derive(Debug, Clone, clap::Args)]
struct FieldArgs {
    /// New title.
    #[arg(long)]
    title: Option<String>,
    /// New briefing.
    #[arg(long, conflicts_with = "body_file")]
    body: Option<String>,
    /// File that holds the new briefing; `-` is stdin.
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// New priority.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    priority: Option<i64>,
    /// New tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// New bound on one run.
    #[arg(long, value_name = "SPAN", allow_negative_numbers = true)]
    max_runtime: Option<String>,
    /// New failure limit.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = limit)]
    max_retries: Option<Limit>,
    /// New skills, instead of all present ones; may be given several times.
    #[arg(long)]
    skill: Vec<String>,
    /// New model.
    #[arg(long)]
    model: Option<String>,
    /// New workspace: `scratch`, `worktree`, `worktree:PATH` or `dir:PATH`.
    #[arg(long)]
    workspace: Option<String>,
    /// Branch of the new workspace.
    #[arg(long, requires = "workspace")]
    branch: Option<String>,
}

/// A number, or nothing where an empty text clears the field.
#[derive(Debug, Clone, Copy)]
struct Limit(Option<i64>);

fn limit(text: &str) -> Result<Limit, ParseIntError> {
    if text.is_empty() { Ok(Limit(None)) } else { text.parse().map(|n| Limit(Some(n))) }
}

/// Changes the task.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let task = arguments::task_id(&args.task)?;
    let command = command(&args, task, ctx)?;
    batch::each(ctx, &[args.task], |board, task, _| {
        let applied = board.apply(command.clone())?;
        Ok(Done::new(format!("Edited {task}"), task, &applied))
    })
}

fn command(args: &Args, task: TaskId, ctx: &Ctx) -> Result<Command, CliError> {
    let fields = fields(&args.fields, ctx)?;
    let handoff = args.handoff.read()?;
    let of_handoff = handoff.result.is_some() || args.handoff.is_personal();
    match (of_handoff, fields == Fields::default()) {
        (true, true) if handoff.result.is_none() => {
            Err(CliError::usage("--summary and --metadata need --result"))
        }
        (true, true) => Ok(EditResult { task, handoff }.into()),
        (false, false) => Ok(Edit { task, fields }.into()),
        (true, false) => {
            Err(CliError::usage("the hand-off and the task itself cannot be changed in one call"))
        }
        (false, true) => Err(CliError::usage("nothing to change is named")
            .hint("give --result, --title, --body, --priority or another field")),
    }
}

fn fields(args: &FieldArgs, ctx: &Ctx) -> Result<Fields, CliError> {
    let body = match &args.body_file {
        Some(path) => Some(arguments::text_file("--body-file", path)?),
        None => args.body.clone(),
    };
    let clearable =
        |text: &Option<String>| text.clone().map(|text| Some(text).filter(|text| !text.is_empty()));
    let max_runtime = clearable(&args.max_runtime)
        .map(|text| text.map(|text| arguments::span("--max-runtime", &text)).transpose())
        .transpose()?;
    let workspace = args
        .workspace
        .as_deref()
        .map(|text| arguments::workspace(text, args.branch.clone(), ctx.target.env()));
    Ok(Fields {
        title: args.title.clone(),
        body: clearable(&body),
        priority: args.priority,
        tenant: clearable(&args.tenant),
        max_runtime,
        max_retries: args.max_retries.map(|Limit(limit)| limit),
        skills: (!args.skill.is_empty()).then(|| Some(args.skill.clone()).filter(|s| s != &[""])),
        model_override: clearable(&args.model),
        workspace: workspace.transpose()?,
    })
}
