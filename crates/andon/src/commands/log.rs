//! `log`: what a task's workers wrote.

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::log_file::{self, Follower};
use crate::output::{Format, Ui};
use andon_core::id::TaskId;
use serde::Serialize;
use std::path::Path;

/// Arguments of `log`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// Only the last so many bytes, from the beginning of a line on.
    #[arg(long, value_name = "BYTES")]
    tail: Option<u64>,
    /// Go on with what is written, across rotations, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
}

#[derive(Serialize)]
struct LogObject<'a> {
    task_id: &'a str,
    path: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct LogLine<'a> {
    line: &'a str,
}

/// Writes the log.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let id = arguments::task_id(&args.task)?;
    let layout = ctx.target.choose(&ctx.target.home()?)?.layout;
    let path = layout.log_of(&id);
    let mut follower = Follower::start(&path)?;
    let Some(opened) = log_file::open(&path, args.tail)? else {
        ctx.target.open_to_read()?.require_task(&id)?;
        if !args.follow {
            let why = format!("no log for {id}: nothing has been started for it yet");
            return Err(CliError::user("no_log", why));
        }
        return follow(ctx, &mut follower, None);
    };
    match (args.follow, ctx.ui.format()) {
        (true, _) => follow(ctx, &mut follower, Some(opened)),
        (false, Format::Human) => log_file::copy(opened, |bytes| ctx.ui.out_bytes(bytes)),
        (false, Format::Json) => write_object(&mut ctx.ui, &id, &path, opened),
    }
}

fn write_object(
    ui: &mut Ui,
    id: &TaskId,
    path: &Path,
    opened: log_file::Opened,
) -> Result<(), CliError> {
    let mut bytes = Vec::new();
    log_file::copy(opened, |chunk| bytes.extend_from_slice(chunk))?;
    let (path, text) = (path.to_string_lossy(), String::from_utf8_lossy(&bytes));
    ui.json(&LogObject { task_id: id.as_str(), path: &path, text: &text });
    Ok(())
}

fn follow(
    ctx: &mut Ctx,
    follower: &mut Follower,
    opened: Option<log_file::Opened>,
) -> Result<(), CliError> {
    let ui = &mut ctx.ui;
    let mut pending = Vec::new();
    follower.follow(opened, |bytes| {
        match ui.format() {
            Format::Human => ui.out_bytes(bytes),
            Format::Json => write_lines(ui, &mut pending, bytes),
        }
        ui.flush()
    })?;
    if ctx.ui.format() == Format::Human {
        ctx.ui.err("(stopped)");
    }
    Ok(())
}

/// Writes the lines that are complete, one object each.
fn write_lines(ui: &mut Ui, pending: &mut Vec<u8>, bytes: &[u8]) {
    pending.extend_from_slice(bytes);
    while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
        let line: Vec<u8> = pending.drain(..=end).collect();
        ui.json_line(&LogLine { line: &String::from_utf8_lossy(&line[..end]) });
    }
}
