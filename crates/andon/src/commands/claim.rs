//! `claim`: takes a ready task, to work on it by hand or in a lane of one's own (S30).

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use crate::random;
use crate::target::Board;
use crate::when;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::edit::Edit;
use andon_core::command::reclaim::Reclaim;
use andon_core::id::{ClaimLock, RunId, TaskId};
use andon_core::task::{Workspace, WorkspaceKind};
use andon_core::transition::{Fields, Outcome};
use andon_daemon::boards::Boards;
use andon_daemon::workspace::{self, Wanted};
use andon_wire::ClaimObject;

/// Arguments of `claim`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// Life of the claim unless a heartbeat renews it; the board's setting if absent (900 s).
    #[arg(long, value_name = "SPAN", allow_negative_numbers = true)]
    ttl: Option<String>,
}

/// Takes the task.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let task = arguments::task_id(&args.task)?;
    let ttl = args.ttl.as_deref().map(|text| arguments::span("--ttl", text)).transpose()?;
    let board = ctx.target.open_to_write()?;
    let command = Claim { task: task.clone(), lock: new_lock(), ttl, holder: Holder::Outside };
    // Who would be refused makes no directory, and who has no directory makes no run.
    let foreseen = board.store.preview(&board.request(command.clone()))?;
    let may_be_claimed = matches!(foreseen, Outcome::Claimed { .. });
    let prepared = may_be_claimed.then(|| prepare(ctx, &board, &task)).transpose()?;
    let applied = board.apply(command)?;
    let (Outcome::Claimed { claim, .. }, Some(run)) = (applied.outcome, applied.run) else {
        let why =
            format!("cannot claim {task}: it has unfinished parents, and waits for them again");
        return Err(CliError::user("open_parents", why));
    };
    let workspace = match settle_in(ctx, &board, &task, prepared) {
        Ok(workspace) => workspace,
        Err(error) => return Err(give_back(&board, task, run, error)),
    };
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&ClaimObject {
            task_id: task.as_str(),
            run_id: run.0,
            claim_lock: claim.lock.as_str(),
            claim_expires: claim.expires.map(|at| at.0),
            workspace: &workspace,
        }),
        Format::Human => {
            ctx.ui.out(format_args!("Claimed {task}"));
            ctx.ui.out(format_args!("Workspace: {workspace}"));
            ctx.ui.out(format_args!("Run: {run}"));
            ctx.ui.out(format_args!("Lock: {}", claim.lock));
            if let Some(expires) = claim.expires {
                ctx.ui.out(format_args!("Expires: {}", when::local(expires)));
            }
        }
    }
    Ok(())
}

/// A lock with the process that called us: this one is gone in a moment.
fn new_lock() -> ClaimLock {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy();
    let parent = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    ClaimLock::new(&host, parent.unsigned_abs(), u64::from_ne_bytes(random::bytes()))
}

/// A directory to work in.
struct Prepared {
    /// What the task said about it.
    wanted: Workspace,
    /// What it is to say.
    stored: Workspace,
    /// The directory.
    path: String,
}

/// Finds the directory to work in, or makes it.
fn prepare(ctx: &Ctx, board: &Board, task: &TaskId) -> Result<Prepared, CliError> {
    let wanted = wanted(board, task)?;
    let layout = &board.choice.layout;
    let home = ctx.target.home()?;
    let default_workdir = match wanted.kind {
        WorkspaceKind::Scratch => None,
        WorkspaceKind::Worktree | WorkspaceKind::Dir => {
            Boards::new(&home).metadata(layout.slug())?.default_workdir
        }
    };
    let resolved = workspace::resolve(&Wanted {
        task,
        workspace: &wanted,
        layout,
        default_workdir: default_workdir.as_deref(),
        env: ctx.target.env(),
    });
    let resolved = resolved.map_err(|error| no_workspace(task, &error.to_string()))?;
    let Some(path) = resolved.path.to_str() else {
        let why = format!("{} is not Unicode", resolved.path.display());
        return Err(no_workspace(task, &why));
    };
    let (kind, path) = (wanted.kind, path.to_owned());
    let stored = Workspace { kind, path: Some(path.clone()), branch: resolved.branch };
    Ok(Prepared { wanted, stored, path })
}

fn wanted(board: &Board, task: &TaskId) -> Result<Workspace, CliError> {
    let stored = board.store.task_get(task)?.ok_or_else(|| CliError::unknown_task(task))?;
    Ok(stored.workspace)
}

fn no_workspace(task: &TaskId, why: &str) -> CliError {
    let message = format!("cannot claim {task}: it has no workspace: {why}");
    CliError::user("no_workspace", message)
        .hint(format!("give it another with `andon edit {task} --workspace …`"))
}

/// Writes down where the claimed task is worked on, as a dispatcher does (D29).
fn settle_in(
    ctx: &Ctx,
    board: &Board,
    task: &TaskId,
    prepared: Option<Prepared>,
) -> Result<String, CliError> {
    // Read after the claim: somebody may have changed the task meanwhile.
    let wanted = wanted(board, task)?;
    let Prepared { stored, path, .. } = match prepared {
        Some(prepared) if prepared.wanted == wanted => prepared,
        Some(_) | None => prepare(ctx, board, task)?,
    };
    if stored != wanted {
        let fields = Fields { workspace: Some(stored), ..Fields::default() };
        board.apply(Edit { task: task.clone(), fields })?;
    }
    Ok(path)
}

/// Nobody can work on a task without its workspace: the claim must not keep others from it.
fn give_back(board: &Board, task: TaskId, run: RunId, error: CliError) -> CliError {
    let reason = Some(error.message.clone());
    match board.apply(Reclaim { task, reason }) {
        Ok(_) => error,
        Err(kept) => error.hint(format!("run {run} is still open: {}", kept.message)),
    }
}
