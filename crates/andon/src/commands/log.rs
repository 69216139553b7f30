//! `log`: what a task's workers wrote.

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::log_file::{self, Follower};
use crate::output::{Format, Ui};
use andon_core::id::TaskId;
use serde::Serialize;
use std::path::Path;

/// Bytes of a line that are waited for: a worker that never ends its line must not fill the memory
/// of whoever follows it.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Longest log that is told as one document, which is built in memory.
const DOCUMENT_BYTES_MAX: u64 = 64 << 20;

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
    if opened.length()? > DOCUMENT_BYTES_MAX {
        let why = format!("the log of {id} is larger than {DOCUMENT_BYTES_MAX} bytes");
        return Err(CliError::user("too_long", why).hint("give --tail, or --follow"));
    }
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
    let why = follower.follow(opened, |bytes| {
        match ui.format() {
            Format::Human => ui.out_bytes(bytes),
            Format::Json => write_lines(ui, &mut pending, bytes),
        }
        ui.flush()
    })?;
    why.end(&mut ctx.ui)
}

/// Writes the lines that are complete, one object each; one that does not end comes in pieces.
fn write_lines(ui: &mut Ui, pending: &mut Vec<u8>, bytes: &[u8]) {
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        pending.extend_from_slice(piece);
        let ends = pending.last() == Some(&b'\n');
        if ends || pending.len() >= LINE_BYTES_MAX {
            let line = if ends { &pending[..pending.len() - 1] } else { &pending[..] };
            ui.json_line(&LogLine { line: &String::from_utf8_lossy(line) });
            pending.clear();
        }
    }
}
