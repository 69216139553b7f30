//! `context`: what a worker is told about its task.

use crate::app::Ctx;
use crate::arguments;
use crate::context::{
    self, ATTEMPTS_MAX, COMMENTS_MAX, Facts, PARENTS_MAX, Parent, RECENT_MAX, Recent,
};
use crate::error::CliError;
use crate::output::Format;
use crate::target::{self, Board};
use andon_core::id::TaskId;
use andon_core::task::{Status, Task, WorkspaceKind};
use serde::Serialize;

/// Arguments of `context`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
}

#[derive(Serialize)]
struct ContextObject<'a> {
    task_id: &'a str,
    context: &'a str,
}

/// Writes the context.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let id = arguments::task_id(&args.task)?;
    let board = ctx.target.open_to_read()?;
    let terminal_timeout = ctx.target.env().text("TERMINAL_TIMEOUT").ok().flatten();
    let facts = load(&board, &id, terminal_timeout)?;
    let text = context::text(&facts);
    match ctx.ui.format() {
        Format::Human => ctx.ui.out_text(&text),
        Format::Json => ctx.ui.json(&ContextObject { task_id: id.as_str(), context: &text }),
    }
    Ok(())
}

fn load(board: &Board, id: &TaskId, terminal_timeout: Option<&str>) -> Result<Facts, CliError> {
    let store = &board.store;
    let mut task = store.task_get(id)?.ok_or_else(|| CliError::unknown_task(id))?;
    if task.workspace.kind == WorkspaceKind::Scratch && task.workspace.path.is_none() {
        // Its place follows from the id; it is told once the directory is there.
        let path = board.choice.layout.workspace(id);
        task.workspace.path = path.is_dir().then(|| path.display().to_string());
    }
    let linked = store.links(id)?.parents;
    let mut parents = Vec::new();
    for parent in &linked {
        if parents.len() == PARENTS_MAX {
            break;
        }
        if let Some(task) = store.task_get(parent)?.filter(|task| task.status == Status::Done) {
            parents.push(Parent { run: store.run_completed(parent)?, task });
        }
    }
    Ok(Facts {
        now: target::now(),
        terminal_timeout: terminal_timeout.map(str::to_owned),
        attachments: store.attachment_list(id)?,
        runs: store.run_newest(id, ATTEMPTS_MAX)?,
        comments: store.comment_newest(id, COMMENTS_MAX)?,
        recent: recent(board, &task)?,
        parents,
        parents_all: linked.len(),
        task,
    })
}

/// What the task's profile finished lately on other tasks.
fn recent(board: &Board, task: &Task) -> Result<Vec<Recent>, CliError> {
    let Some(assignee) = &task.assignee else { return Ok(Vec::new()) };
    let mut recent = Vec::new();
    for run in board.store.run_recent(assignee.as_str(), &task.id, RECENT_MAX)? {
        let title = board.store.task_get(&run.task)?.map(|task| task.title);
        recent.push(Recent { title: title.unwrap_or_default(), run });
    }
    Ok(recent)
}
