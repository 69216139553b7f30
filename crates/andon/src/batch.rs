//! One change, on each of several tasks.
//!
//! A task that is refused does not keep the others from their turn (S19). With one task the
//! answer is one object, or the failure; with several it is a list in which each has its own.

use crate::app::Ctx;
use crate::arguments;
use crate::error::{CliError, Kind};
use crate::output::Format;
use crate::target::Board;
use andon_core::id::TaskId;
use andon_store::Applied;
use andon_wire::ChangeObject;

/// What was done to one task.
pub(crate) struct Done {
    /// For people.
    pub(crate) line: String,
    /// For programs.
    pub(crate) object: ChangeObject,
}

impl Done {
    /// A line and what the store answered.
    pub(crate) fn new(line: String, task: &TaskId, applied: &Applied) -> Self {
        Self { line, object: change(task, applied) }
    }
}

/// What the store answered, for programs.
pub(crate) fn change(task: &TaskId, applied: &Applied) -> ChangeObject {
    let object = ChangeObject::done(task, &applied.outcome);
    ChangeObject {
        run_id: applied.run.map(|run| run.0).or(object.run_id),
        event_id: applied.event.map(|event| event.0),
        at: Some(applied.at.0),
        ..object
    }
}

/// Opens the board, and does `act` to each task named in `ids`, each once.
pub(crate) fn each(
    ctx: &mut Ctx,
    ids: &[String],
    mut act: impl FnMut(&Board, &TaskId, &mut Ctx) -> Result<Done, CliError>,
) -> Result<(), CliError> {
    let mut turns: Vec<&String> = Vec::with_capacity(ids.len());
    for id in ids {
        if !turns.contains(&id) {
            turns.push(id);
        }
    }
    if let [text] = turns.as_slice() {
        let id = arguments::task_id(text)?;
        let board = ctx.target.open_to_write()?;
        let done = act(&board, &id, ctx)?;
        tell(ctx, &done);
        return Ok(());
    }
    several(ctx, &turns, &mut act)
}

fn several(
    ctx: &mut Ctx,
    turns: &[&String],
    act: &mut impl FnMut(&Board, &TaskId, &mut Ctx) -> Result<Done, CliError>,
) -> Result<(), CliError> {
    let board = ctx.target.open_to_write()?;
    let mut objects = Vec::with_capacity(turns.len());
    let mut ended = Ok(());
    for text in turns {
        match arguments::task_id(text).and_then(|id| act(&board, &id, ctx)) {
            Ok(done) => match ctx.ui.format() {
                Format::Human => ctx.ui.out(done.line),
                Format::Json => objects.push(done.object),
            },
            Err(error) => {
                objects.push(ChangeObject::refused(text, error.body()));
                if ctx.ui.format() == Format::Human {
                    error.report(&mut ctx.ui);
                }
                ended = Err(CliError::told());
                // A board in trouble would refuse the others, too, each after a long wait.
                if error.kind != Kind::User {
                    break;
                }
            }
        }
    }
    if ctx.ui.format() == Format::Json {
        ctx.ui.json(&objects);
    }
    ended
}

/// Tells what was done to the only task.
pub(crate) fn tell(ctx: &mut Ctx, done: &Done) {
    match ctx.ui.format() {
        Format::Human => ctx.ui.out(&done.line),
        Format::Json => ctx.ui.json(&done.object),
    }
}
