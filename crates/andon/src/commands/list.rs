//! `list`: tasks, one per line. It changes nothing (S9).

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use andon_core::id::Assignee;
use andon_core::task::{Status, Task};
use andon_daemon::boards::Boards;
use andon_daemon::home::Home;
use andon_store::{Archived, AssigneeFilter, ListFilter, SortOrder};
use andon_wire::TaskObject;

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only your own tasks.
    #[arg(long)]
    mine: bool,
    /// Only tasks of this profile.
    #[arg(long, value_name = "PROFILE", conflicts_with = "unassigned")]
    assignee: Option<String>,
    /// Only tasks of nobody.
    #[arg(long)]
    unassigned: bool,
    /// Only tasks that stand there; may be given several times, or with commas.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    status: Vec<Status>,
    /// Only tasks of this tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// Only tasks that this session made.
    #[arg(long)]
    session: Option<String>,
    /// Archived tasks, too.
    #[arg(long)]
    archived: bool,
    /// Order of the list.
    #[arg(long, value_enum, default_value = "priority", value_name = "ORDER")]
    sort: Sort,
    /// Only tasks made from this workflow template.
    #[arg(long, value_name = "ID")]
    workflow_template_id: Option<String>,
    /// Only tasks at this step.
    #[arg(long, value_name = "KEY")]
    step_key: Option<String>,
    /// Only tasks whose title or body has this text, in any case.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Leave out so many at the beginning.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Sort {
    Created,
    CreatedDesc,
    Priority,
    PriorityDesc,
    Status,
    Assignee,
    Title,
    Updated,
}

/// Lists the tasks.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let given = args.assignee.as_deref().map(arguments::assignee).transpose()?;
    let home = ctx.target.home()?;
    let board = ctx.target.open_in(&home)?;
    let assignee = match given {
        Some(name) => AssigneeFilter::Is(name),
        None if args.unassigned => AssigneeFilter::Nobody,
        None if args.mine => AssigneeFilter::Is(own(&board.caller.name)),
        None => AssigneeFilter::Any,
    };
    let tasks = board.store.task_list(&ListFilter {
        statuses: args.status,
        archived: if args.archived { Archived::Shown } else { Archived::Hidden },
        assignee,
        tenant: args.tenant,
        session_id: args.session,
        workflow_template_id: args.workflow_template_id,
        current_step_key: args.step_key,
        search: args.search,
        sort: order(args.sort),
        limit: args.limit,
        offset: args.offset,
    })?;
    match ctx.ui.format() {
        Format::Json => {
            ctx.ui.json(&tasks.iter().map(TaskObject::from).collect::<Vec<_>>());
        }
        Format::Human => {
            write_header(ctx, &home, board.choice.layout.slug().as_str());
            if tasks.is_empty() {
                ctx.ui.out("(no matching tasks)");
            }
            tasks.iter().for_each(|task| ctx.ui.out(line(task)));
        }
    }
    Ok(())
}

/// The caller's name as tasks would name it. Not every user name can be a profile's; one that
/// cannot simply has no tasks.
fn own(name: &str) -> Assignee {
    Assignee::from_row(name.trim().to_lowercase())
}

/// With several boards, a list says which one it shows.
fn write_header(ctx: &mut Ctx, home: &Home, slug: &str) {
    // Boards that cannot be counted are the trouble of `boards list`, not of this one.
    let others = Boards::new(home).list().map_or(0, |boards| boards.len().saturating_sub(1));
    if others > 0 {
        let boards = if others == 1 { "board" } else { "boards" };
        ctx.ui.out(format_args!("Board: {slug} ({others} other {boards} — andon boards list)\n"));
    }
}

fn line(task: &Task) -> String {
    let assignee = task.assignee.as_ref().map_or("-", Assignee::as_str);
    let tenant = task.tenant.as_ref().map(|tenant| format!(" [{tenant}]")).unwrap_or_default();
    let icon = icon(task.status);
    format!("{icon} {}  {:8}  {assignee:20}{tenant}  {}", task.id, task.status, task.title)
}

/// One character per status, so that a list can be read at a glance.
const fn icon(status: Status) -> char {
    match status {
        Status::Triage => '◇',
        Status::Todo => '◻',
        Status::Scheduled => '⏱',
        Status::Ready => '▶',
        Status::Running => '●',
        Status::Blocked => '⊘',
        Status::Review => '◎',
        Status::Done => '✓',
        Status::Archived => '—',
    }
}

const fn order(sort: Sort) -> SortOrder {
    match sort {
        Sort::Created => SortOrder::Created,
        Sort::CreatedDesc => SortOrder::CreatedDesc,
        Sort::Priority => SortOrder::Priority,
        Sort::PriorityDesc => SortOrder::PriorityDesc,
        Sort::Status => SortOrder::Status,
        Sort::Assignee => SortOrder::Assignee,
        Sort::Title => SortOrder::Title,
        Sort::Updated => SortOrder::Updated,
    }
}

fn status(text: &str) -> Result<Status, String> {
    let known = || Status::ALL.iter().map(|status| status.word()).collect::<Vec<_>>().join(", ");
    Status::from_word(text).ok_or_else(|| format!("use one of {}", known()))
}
