//! `claim`: takes a ready task, to work on it by hand or in a lane of one's own (S30).

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use crate::random;
use crate::target::Board;
use crate::when;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::reclaim::Reclaim;
use andon_core::id::{ClaimLock, RunId, TaskId};
use andon_core::task::WorkspaceKind;
use andon_core::transition::Outcome;
use andon_daemon::boards::Boards;
use andon_daemon::workspace::{self, Wanted};
use andon_wire::ClaimObject;
use std::path::PathBuf;

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
    let lock = new_lock();
    let applied = board.apply(Claim { task: task.clone(), lock, ttl, holder: Holder::Outside })?;
    let (Outcome::Claimed { claim, .. }, Some(run)) = (applied.outcome, applied.run) else {
        let why =
            format!("cannot claim {task}: it has unfinished parents, and waits for them again");
        return Err(CliError::user("open_parents", why));
    };
    let workspace = match workspace(ctx, &board, &task) {
        Ok(workspace) => workspace,
        Err(error) => return Err(give_back(&board, task, run, error)),
    };
    let shown = workspace.to_string_lossy();
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&ClaimObject {
            task_id: task.as_str(),
            run_id: run.0,
            claim_lock: claim.lock.as_str(),
            claim_expires: claim.expires.map(|at| at.0),
            workspace: &shown,
        }),
        Format::Human => {
            ctx.ui.out(format_args!("Claimed {task}"));
            ctx.ui.out(format_args!("Workspace: {shown}"));
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

/// The directory to work in, made if need be.
fn workspace(ctx: &Ctx, board: &Board, task: &TaskId) -> Result<PathBuf, CliError> {
    let stored = board.store.task_get(task)?.ok_or_else(|| CliError::unknown_task(task))?;
    let layout = &board.choice.layout;
    let home = ctx.target.home()?;
    let default_workdir = match stored.workspace.kind {
        WorkspaceKind::Scratch => None,
        WorkspaceKind::Worktree | WorkspaceKind::Dir => {
            Boards::new(&home).metadata(layout.slug())?.default_workdir
        }
    };
    let wanted = Wanted {
        task,
        workspace: &stored.workspace,
        layout,
        default_workdir: default_workdir.as_deref(),
        env: ctx.target.env(),
    };
    let resolved = workspace::resolve(&wanted).map_err(|error| {
        let message = format!("cannot claim {task}: it has no workspace: {error}");
        CliError::user("no_workspace", message)
            .hint(format!("give it another with `andon edit {task} --workspace …`"))
    })?;
    Ok(resolved.path)
}

/// Nobody can work on a task without its workspace: the claim must not keep others from it.
fn give_back(board: &Board, task: TaskId, run: RunId, error: CliError) -> CliError {
    let reason = Some(error.message.clone());
    match board.apply(Reclaim { task, reason }) {
        Ok(_) => error,
        Err(kept) => error.hint(format!("run {run} is still open: {}", kept.message)),
    }
}
