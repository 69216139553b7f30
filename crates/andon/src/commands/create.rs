//! `create`: makes a task.

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::known_profiles;
use crate::output::Format;
use crate::target::{self, Board};
use crate::when;
use andon_core::command::create::{Begin, Create};
use andon_core::task::{GoalMode, Status, Task, Workspace, WorkspaceKind};
use andon_core::transition::Outcome;
use andon_daemon::boards::Boards;
use andon_daemon::env::Env;
use andon_daemon::home::{Home, HomeKind};
use andon_wire::TaskObject;
use std::path::PathBuf;

/// Arguments of `create`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One line that says what is to be done.
    title: String,
    /// Briefing for the worker.
    #[arg(long, conflicts_with = "body_file")]
    body: Option<String>,
    /// File that holds the briefing; `-` is stdin.
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// Profile that shall do it.
    #[arg(long, value_name = "PROFILE")]
    assignee: Option<String>,
    /// Task that must be finished first; may be given several times.
    #[arg(long, value_name = "TASK")]
    parent: Vec<String>,
    /// Where the worker works: `scratch`, `worktree`, `worktree:PATH` or `dir:PATH`.
    #[arg(long, default_value = "scratch")]
    workspace: String,
    /// Branch of a worktree.
    #[arg(long)]
    branch: Option<String>,
    /// Project in your own records; stored, not interpreted.
    #[arg(long)]
    project: Option<String>,
    /// Free-form namespace.
    #[arg(long)]
    tenant: Option<String>,
    /// Higher goes first; may be negative.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_name = "N")]
    priority: i64,
    /// Put it into triage, to be made actionable first.
    #[arg(long)]
    triage: bool,
    /// Find the task made earlier with the same key, instead of making a second one.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Bound on one run: seconds, or a number with s, m, h or d.
    #[arg(long, value_name = "SPAN", allow_negative_numbers = true)]
    max_runtime: Option<String>,
    /// Who makes it, if not you.
    #[arg(long, value_name = "NAME")]
    created_by: Option<String>,
    /// Skill for the worker; may be given several times.
    #[arg(long)]
    skill: Vec<String>,
    /// Model for the worker, instead of its profile's.
    #[arg(long)]
    model: Option<String>,
    /// Failures after which it is given up, instead of the board's limit.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_retries: Option<i64>,
    /// Let the worker go on until a judge is satisfied.
    #[arg(long)]
    goal: bool,
    /// Turns after which a goal is given up.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    goal_max_turns: Option<i64>,
    /// `running` lets it start when it can; `blocked` parks it until somebody unblocks it.
    #[arg(long, default_value = "running", value_parser = ["running", "blocked"])]
    initial_status: String,
    /// Park it until then: a time with its zone, or `+2h`.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["triage"])]
    at: Option<String>,
    /// Session that makes it.
    #[arg(long)]
    session: Option<String>,
}

/// Makes the task.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let mut create = command(&args, ctx)?;
    let home = ctx.target.home()?;
    if let Some(name) = &create.assignee {
        known_profiles::require(&home, name)?;
    }
    let board = ctx.target.open_to_create()?;
    create.created_by.get_or_insert_with(|| board.caller.name.clone());
    create.workspace =
        Some(in_default_dir(workspace(&args, ctx)?, &home, &board, ctx.target.env())?);
    let applied = board.apply(create)?;
    let (Outcome::Created { task: id, .. } | Outcome::Existing { task: id, .. }) = applied.outcome
    else {
        return Err(CliError::internal("a create made no task"));
    };
    let task = board.store.task_get(&id)?;
    let task = task.ok_or_else(|| CliError::unknown_task(&id))?;
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&TaskObject::from(&task)),
        Format::Human => {
            let assignee = task.assignee.as_ref().map_or("-", |name| name.as_str());
            ctx.ui.out(format_args!("Created {id}  ({}, assignee={assignee})", task.status));
            warn_if_nothing_starts_it(ctx, &board, &task);
            warn_if_project_is_only_stored(ctx, &home, &task);
        }
    }
    Ok(())
}

fn command(args: &Args, ctx: &Ctx) -> Result<Create, CliError> {
    let now = target::now();
    let begin = match (args.initial_status.as_str(), args.triage, &args.at) {
        ("blocked", _, Some(_)) => {
            return Err(CliError::usage("--at and --initial-status blocked exclude each other"));
        }
        ("blocked", _, None) => Begin::Blocked,
        (_, true, _) => Begin::Triage,
        (_, false, Some(text)) => Begin::At(when::at(text, now)?),
        (_, false, None) => Begin::Normal,
    };
    let span = args.max_runtime.as_deref().map(|text| arguments::span("--max-runtime", text));
    let parents = args.parent.iter().map(|text| arguments::task_id(text));
    Ok(Create {
        title: args.title.clone(),
        assignee: args.assignee.as_deref().map(arguments::assignee).transpose()?,
        created_by: args.created_by.clone(),
        parents: parents.collect::<Result<_, _>>()?,
        workspace: Some(workspace(args, ctx)?),
        project_id: args.project.clone(),
        tenant: args.tenant.clone(),
        priority: args.priority,
        begin,
        idempotency_key: args.idempotency_key.clone(),
        max_runtime: span.transpose()?,
        skills: (!args.skill.is_empty()).then(|| args.skill.clone()),
        model_override: args.model.clone(),
        max_retries: args.max_retries,
        goal_mode: if args.goal { GoalMode::On } else { GoalMode::Off },
        goal_max_turns: args.goal_max_turns,
        session_id: args.session.clone(),
        body: match &args.body_file {
            Some(path) => Some(arguments::text_file("--body-file", path)?),
            None => args.body.clone(),
        },
    })
}

fn workspace(args: &Args, ctx: &Ctx) -> Result<Workspace, CliError> {
    let named = if args.workspace.is_empty() { "scratch" } else { &args.workspace };
    arguments::workspace(named, args.branch.clone(), ctx.target.env())
}

/// Where the board has a default directory, a `dir` or `worktree` without a path means that one.
fn in_default_dir(
    workspace: Workspace,
    home: &Home,
    board: &Board,
    env: &Env,
) -> Result<Workspace, CliError> {
    if workspace.kind == WorkspaceKind::Scratch || workspace.path.is_some() {
        return Ok(workspace);
    }
    let metadata = Boards::new(home).metadata(board.choice.layout.slug())?;
    // The peer stores a path as it was written, with its tilde.
    let path =
        metadata.default_workdir.map(|path| arguments::expand_home(&path.to_string_lossy(), env));
    Ok(Workspace { path, ..workspace })
}

/// With the peer a project chooses the repository and a branch.
fn warn_if_project_is_only_stored(ctx: &mut Ctx, home: &Home, task: &Task) {
    let is_without_repository =
        task.project_id.is_some() && task.workspace.kind == WorkspaceKind::Scratch;
    if home.kind() == HomeKind::Hermes && is_without_repository {
        ctx.ui.err(
            "⚠ the project is noted and chooses no directory: the task works in an empty one; name \
             its repository with `--workspace worktree:PATH`",
        );
    }
}

/// A ready task that nobody starts looks like a fault; say what is missing.
fn warn_if_nothing_starts_it(ctx: &mut Ctx, board: &Board, task: &Task) {
    if task.status == Status::Ready && task.assignee.is_some() && !board.is_dispatched() {
        ctx.ui.err("⚠ no dispatcher runs for this board: start one with `andon up`");
    }
}
