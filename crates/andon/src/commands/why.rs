//! `why`: one sentence on why a task is not running, and what would make it run.
//!
//! `facts` gathers, `explain` decides; this file only asks and tells.

mod capacity;
mod dispatcher;
mod explain;
mod facts;
mod parents;

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use crate::target;
use andon_daemon::quarantine;
use explain::{Why, explain};
use serde::Serialize;

/// Arguments of `why`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
}

/// The answer, for programs.
#[derive(Debug, Serialize)]
struct WhyObject<'a> {
    task_id: &'a str,
    /// Null where the board cannot be opened.
    status: Option<&'static str>,
    /// Stable name of the reason.
    code: &'static str,
    sentence: &'a str,
    /// What else stands in the way, nearest first.
    also: Vec<AlsoObject<'a>>,
    facts: serde_json::Value,
}

#[derive(Debug, Serialize)]
struct AlsoObject<'a> {
    code: &'static str,
    sentence: &'a str,
}

/// Explains.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let task = arguments::task_id(&args.task)?;
    let home = ctx.target.home()?;
    let choice = ctx.target.choose(&home)?;
    if let Some(record) = quarantine::in_force(&home, &choice.layout, target::now()) {
        let slug = choice.layout.slug();
        let why = explain::quarantined(slug, &record);
        let facts = serde_json::json!({
            "board": slug.as_str(),
            "quarantine": { "reason": record.reason, "since": record.since, "next": record.next },
        });
        tell(ctx, (task.as_str(), None), &[why], facts);
        return Ok(());
    }
    let facts = facts::gather(ctx, &home, &task)?;
    let reasons = explain(&facts);
    let status = Some(facts.task.status.word());
    tell(ctx, (task.as_str(), status), &reasons, facts.object());
    Ok(())
}

fn tell(
    ctx: &mut Ctx,
    (task_id, status): (&str, Option<&'static str>),
    reasons: &[Why],
    facts: serde_json::Value,
) {
    let (first, rest) = reasons.split_first().expect("there is always a first reason");
    match ctx.ui.format() {
        Format::Human => {
            ctx.ui.out(&first.sentence);
            rest.iter().for_each(|also| ctx.ui.out(format_args!("Then: {}", also.sentence)));
        }
        Format::Json => ctx.ui.json(&WhyObject {
            task_id,
            status,
            code: first.code,
            sentence: &first.sentence,
            also: rest
                .iter()
                .map(|also| AlsoObject { code: also.code, sentence: &also.sentence })
                .collect(),
            facts,
        }),
    }
}
