//! `watch`: the events of the whole board, as they come.

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use crate::target::Board;
use crate::waiting::{Waiter, Woken};
use crate::{event_line, when};
use andon_core::event::Event;
use andon_core::id::{Assignee, EventId};
use andon_store::EventFilter;

/// Arguments of `watch`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only events of tasks that this profile has now.
    #[arg(long, value_name = "PROFILE")]
    assignee: Option<String>,
    /// Only events of tasks of this tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// Only events of these kinds, with commas.
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<String>,
    /// Begin after the event with this id, instead of now.
    #[arg(long, value_name = "EVENT")]
    since: Option<i64>,
    /// End after so many events.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Accepted for old scripts; events are told when they come.
    #[arg(long, hide = true)]
    interval: Option<f64>,
}

/// Tells every new event.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let assignee = args.assignee.as_deref().map(arguments::assignee).transpose()?;
    let kinds: Vec<String> = args
        .kinds
        .iter()
        .map(|kind| kind.trim().to_owned())
        .filter(|kind| !kind.is_empty())
        .collect();
    let board = ctx.target.open_to_read()?;
    let mut waiter = Waiter::new(board.store.as_ref())?;
    let mut after = match args.since {
        Some(id) => Some(EventId(id)),
        None => Some(board.store.event_last()?.unwrap_or(EventId(0))),
    };
    let mut left = args.limit.unwrap_or(u64::MAX);
    if ctx.ui.format() == Format::Human {
        ctx.ui.err(format_args!("watching board {} (Ctrl-C ends)", board.choice.layout.slug()));
    }
    loop {
        loop {
            let filter = EventFilter {
                after,
                kinds: kinds.clone(),
                limit: event_line::PAGE,
                ..EventFilter::default()
            };
            let events = board.store.event_list(&filter)?;
            for event in &events {
                let Some(whose) = admitted(&board, event, &assignee, args.tenant.as_deref())?
                else {
                    continue;
                };
                event_line::write(&mut ctx.ui, event, |event| line(event, &whose));
                left -= 1;
                if left == 0 {
                    return Ok(());
                }
            }
            after = event_line::last(&events, after);
            if events.len() < event_line::PAGE {
                break;
            }
        }
        ctx.ui.flush()?;
        if let Woken::Interrupted(why) = waiter.wait(None)? {
            return why.end(&mut ctx.ui);
        }
    }
}

/// Whose the event's task is now, if the event is told at all.
fn admitted(
    board: &Board,
    event: &Event,
    assignee: &Option<Assignee>,
    tenant: Option<&str>,
) -> Result<Option<String>, CliError> {
    let task = board.store.task_get(&event.task)?;
    let (whose, of) = task.map_or((None, None), |task| (task.assignee, task.tenant));
    let wanted =
        (assignee.is_none() || *assignee == whose) && (tenant.is_none() || tenant == of.as_deref());
    let shown = || whose.map_or_else(|| "-".to_owned(), |name| format!("@{name}"));
    Ok(wanted.then(shown))
}

fn line(event: &Event, whose: &str) -> String {
    let payload = event.payload.as_ref().map(|payload| format!(" {}", payload.0));
    let (at, task) = (when::local(event.at), event.task.as_str());
    format!("[{at}] {task:10} {:18} ({whose}){}", event.kind, payload.unwrap_or_default())
}
