//! `stats`: how many tasks stand where.

use crate::app::Ctx;
use crate::error::CliError;
use crate::output::Format;
use crate::{target, when};
use andon_core::task::Status;
use andon_wire::StatsObject;

/// Arguments of `stats`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Counts the tasks.
pub(crate) fn run(Args {}: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let board = ctx.target.open_to_read()?;
    let stats = board.store.stats()?;
    let now = target::now();
    if ctx.ui.format() == Format::Json {
        let of = stats.by_assignee.iter();
        let of = of.map(|of| (of.assignee.as_str(), of.counts.as_slice()));
        ctx.ui.json(&StatsObject::new(&stats.by_status, of, stats.oldest_ready, now));
        return Ok(());
    }
    for status in Status::ALL.iter().filter(|status| **status != Status::Archived) {
        let found = stats.by_status.iter().find(|(counted, _)| counted == status);
        ctx.ui.out(format_args!("{status:10} {:>8}", found.map_or(0, |(_, n)| *n)));
    }
    if !stats.by_assignee.is_empty() {
        ctx.ui.out("\nBy assignee:");
    }
    for of in &stats.by_assignee {
        let counts = of.counts.iter().map(|(status, n)| format!("{status}={n}"));
        let counts: Vec<String> = counts.collect();
        ctx.ui.out(format_args!("  {:20} {}", of.assignee.as_str(), counts.join(" ")));
    }
    if let Some(since) = stats.oldest_ready {
        ctx.ui.out(format_args!("\nLongest ready: {}", when::elapsed(now - since)));
    }
    Ok(())
}
