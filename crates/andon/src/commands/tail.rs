//! `tail`: the events of one task, as they come.

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::event_line;
use crate::waiting::{Waiter, Woken};
use andon_core::id::EventId;
use andon_core::task::Status;
use andon_store::EventFilter;

/// Arguments of `tail`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// Only events later than the one with this id.
    #[arg(long, value_name = "EVENT")]
    since: Option<i64>,
    /// End after so many events.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// End when the task is done or archived.
    #[arg(long)]
    until_done: bool,
    /// Accepted for old scripts; events are told when they come.
    #[arg(long, hide = true)]
    interval: Option<f64>,
}

/// Tells the history, and then every new event.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let id = arguments::task_id(&args.task)?;
    let board = ctx.target.open_to_read()?;
    let mut waiter = Waiter::new(board.store.as_ref())?;
    board.require_task(&id)?;
    let mut after = args.since.map(EventId);
    let mut left = args.limit.unwrap_or(u64::MAX);
    loop {
        // Read before the events: when it says done, the event that says so is among them.
        let status = board.store.task_get(&id)?.map(|task| task.status);
        loop {
            let page = usize::try_from(left).unwrap_or(usize::MAX).min(event_line::PAGE);
            let filter = EventFilter {
                task: Some(id.clone()),
                after,
                limit: page,
                ..EventFilter::default()
            };
            let events = board.store.event_list(&filter)?;
            for event in &events {
                event_line::write(&mut ctx.ui, event, event_line::of_task);
            }
            left -= events.len() as u64;
            after = event_line::last(&events, after);
            if events.len() < page || left == 0 {
                break;
            }
        }
        ctx.ui.flush()?;
        let over = matches!(status, None | Some(Status::Done | Status::Archived));
        if left == 0 || (args.until_done && over) {
            return Ok(());
        }
        if let Woken::Interrupted(why) = waiter.wait(None)? {
            return why.end(&mut ctx.ui);
        }
    }
}
