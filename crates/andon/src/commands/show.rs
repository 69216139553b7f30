//! `show`: one task with all that belongs to it.

use super::state_filter::StateFilter;
use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::{Format, Ui};
use crate::target::Board;
use crate::{event_line, run_lines, target, when};
use andon_core::event::Event;
use andon_core::id::TaskId;
use andon_core::run::Run;
use andon_core::task::{Task, Workspace};
use andon_core::text;
use andon_daemon::config::Value;
use andon_daemon::origin::Origin;
use andon_store::{AttachmentRow, Comment, EventFilter, LinkEnds};
use andon_wire::{AttachmentObject, CommentObject, EventObject, ShowDocument, TaskObject, task};

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    #[command(flatten)]
    states: StateFilter,
}

/// Events shown to people; programs get all.
const EVENTS_SHOWN: usize = 20;

/// Everything about a task.
struct Loaded {
    task: Task,
    links: LinkEnds,
    comments: Vec<Comment>,
    attachments: Vec<AttachmentRow>,
    events: Vec<Event>,
    runs: Vec<Run>,
}

/// Shows the task.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let id = arguments::task_id(&args.task)?;
    args.states.check()?;
    let board = ctx.target.open_to_read()?;
    let mut loaded = load(&board, &id)?;
    let summary = latest_summary(&loaded.runs).map(str::to_owned);
    loaded.runs.retain(|run| args.states.admits(run));
    match ctx.ui.format() {
        Format::Json => write_json(&mut ctx.ui, &loaded, summary.as_deref()),
        Format::Human => {
            let retries = retries(ctx, &board, &loaded.task)?;
            write_head(&mut ctx.ui, &loaded, &retries);
            write_rest(&mut ctx.ui, &loaded, summary.as_deref());
        }
    }
    Ok(())
}

fn load(board: &Board, id: &TaskId) -> Result<Loaded, CliError> {
    let store = &board.store;
    Ok(Loaded {
        task: store.task_get(id)?.ok_or_else(|| CliError::unknown_task(id))?,
        links: store.links(id)?,
        comments: store.comment_list(id)?,
        attachments: store.attachment_list(id)?,
        events: all_events(board, id)?,
        runs: store.run_list(id)?,
    })
}

fn all_events(board: &Board, id: &TaskId) -> Result<Vec<Event>, CliError> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let page = board.store.event_list(&EventFilter {
            task: Some(id.clone()),
            after: event_line::last(&events, None),
            limit: event_line::PAGE,
            ..EventFilter::default()
        })?;
        let complete = page.len() < event_line::PAGE;
        events.extend(page);
        if complete {
            return Ok(events);
        }
    }
}

/// The newest summary that is not empty, by end, then by id (dispatch reference §17).
fn latest_summary(runs: &[Run]) -> Option<&str> {
    let told =
        runs.iter().filter(|run| run.summary.as_deref().is_some_and(|text| !text.is_empty()));
    told.max_by_key(|run| (run.ended_at.unwrap_or(run.started_at), run.id))?.summary.as_deref()
}

fn write_json(ui: &mut Ui, loaded: &Loaded, summary: Option<&str>) {
    ui.json(&ShowDocument {
        task: TaskObject::from(&loaded.task),
        latest_summary: summary,
        parents: task::ids(&loaded.links.parents),
        children: task::ids(&loaded.links.children),
        comments: loaded.comments.iter().map(comment).collect(),
        events: loaded.events.iter().map(EventObject::from).collect(),
        runs: loaded.runs.iter().map(Into::into).collect(),
        attachments: loaded.attachments.iter().map(attachment).collect(),
    });
}

fn comment(comment: &Comment) -> CommentObject<'_> {
    let Comment { id, task: _, author, body, at } = comment;
    CommentObject { author, body, created_at: at.0, id: *id }
}

fn attachment(row: &AttachmentRow) -> AttachmentObject<'_> {
    AttachmentObject {
        id: row.id,
        filename: &row.filename,
        content_type: row.content_type.as_deref(),
        size: row.size,
        uploaded_by: row.uploaded_by.as_deref(),
        stored_path: &row.stored_path,
        created_at: row.at.0,
    }
}

/// The failure limit in force, and who set it.
fn retries(ctx: &Ctx, board: &Board, task: &Task) -> Result<String, CliError> {
    if let Some(limit) = task.max_retries {
        return Ok(format!("{limit} (task)"));
    }
    let config = ctx.target.config(&ctx.target.home()?, &board.choice)?;
    let setting = config.settings().iter().find(|setting| setting.name == "failure_limit");
    let setting = setting.ok_or_else(|| CliError::internal("there is no setting failure_limit"))?;
    let limit = match &setting.value {
        Value::Integer(limit) => limit.to_string(),
        Value::Unset | Value::Flag(_) | Value::Text(_) => "none".to_owned(),
    };
    Ok(match &setting.origin {
        Origin::BuiltIn => format!("{limit} (default)"),
        Origin::File { .. } | Origin::Environment(_) | Origin::Argument(_) => {
            format!("{limit} (config kanban.failure_limit)")
        }
    })
}

fn write_head(ui: &mut Ui, loaded: &Loaded, retries: &str) {
    let task = &loaded.task;
    ui.out(format_args!("Task {}: {}", task.id, task.title));
    let mut field =
        |name: &str, value: &str| ui.out(format_args!("  {:<12} {value}", format!("{name}:")));
    field("status", task.status.word());
    field("assignee", task.assignee.as_ref().map_or("-", |name| name.as_str()));
    let mut optional = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            field(name, value);
        }
    };
    optional("tenant", task.tenant.as_deref());
    optional("workspace", Some(&workspace(&task.workspace)));
    optional("branch", task.workspace.branch.as_deref());
    let skills = task.skills.as_ref().filter(|skills| !skills.is_empty());
    optional("skills", skills.map(|skills| skills.join(", ")).as_deref());
    optional("model", task.model_override.as_deref());
    optional("max-retries", Some(retries));
    let bound = task.max_runtime.map(when::elapsed);
    optional("max-runtime", bound.as_deref());
    optional("created", Some(&created(task)));
    let time = |at: Option<_>| at.map(when::local);
    optional("started", time(task.started_at).as_deref());
    optional("completed", time(task.completed_at).as_deref());
    optional("due", time(task.hold.due_at).as_deref());
    optional("not before", time(task.hold.not_before).as_deref());
    optional("last error", task.last_failure_error.as_deref());
    let listed = |ids: &[TaskId]| (!ids.is_empty()).then(|| task::ids(ids).join(", "));
    optional("parents", listed(&loaded.links.parents).as_deref());
    optional("children", listed(&loaded.links.children).as_deref());
}

fn workspace(workspace: &Workspace) -> String {
    match &workspace.path {
        Some(path) => format!("{} @ {path}", workspace.kind),
        None => workspace.kind.to_string(),
    }
}

fn created(task: &Task) -> String {
    let by = task.created_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    format!("{}{by}", when::local(task.created_at))
}

fn write_rest(ui: &mut Ui, loaded: &Loaded, summary: Option<&str>) {
    let task = &loaded.task;
    if let Some(body) = text::filled(task.body.as_deref()) {
        ui.out(format_args!("\nBody:\n{body}"));
    }
    match (text::filled(task.result.as_deref()), summary) {
        (Some(result), _) => ui.out(format_args!("\nResult:\n{result}")),
        (None, Some(summary)) => ui.out(format_args!("\nLatest summary:\n{summary}")),
        (None, None) => {}
    }
    if !loaded.attachments.is_empty() {
        ui.out("\nAttachments:");
    }
    for row in &loaded.attachments {
        ui.out(format_args!(
            "  #{} {} ({} bytes) {}",
            row.id, row.filename, row.size, row.stored_path
        ));
    }
    if !loaded.comments.is_empty() {
        ui.out(format_args!("\nComments ({}):", loaded.comments.len()));
    }
    for comment in &loaded.comments {
        ui.out(format_args!(
            "  [{}] {}: {}",
            when::local(comment.at),
            comment.author,
            comment.body
        ));
    }
    let shown = &loaded.events[loaded.events.len().saturating_sub(EVENTS_SHOWN)..];
    if !shown.is_empty() {
        let of = if shown.len() < loaded.events.len() { "last " } else { "" };
        ui.out(format_args!("\nEvents ({of}{}):", shown.len()));
    }
    for event in shown {
        ui.out(format_args!("  {}", event_line::of_task(event)));
    }
    if !loaded.runs.is_empty() {
        ui.out(format_args!("\nRuns ({}):", loaded.runs.len()));
    }
    let now = target::now();
    for run in &loaded.runs {
        run_lines::write_short(ui, run, now);
    }
}
