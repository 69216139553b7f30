//! `comment`: adds a comment.

use crate::app::Ctx;
use crate::arguments;
use crate::error::CliError;
use crate::output::Format;
use andon_core::command::comment::Comment;
use andon_wire::CommentedObject;

/// Arguments of `comment`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task.
    task: String,
    /// The text; words are joined by spaces.
    #[arg(required = true)]
    text: Vec<String>,
    /// Who says so, if not you.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Characters above which the text is cut, and says so.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_len: Option<u32>,
}

/// Ends a text that was cut.
const CUT_NOTE: &str = " … [cut]";

/// Adds the comment.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let task = arguments::task_id(&args.task)?;
    let text = args.text.join(" ");
    let body = match args.max_len {
        Some(max) => cut(text.trim(), usize::try_from(max).unwrap_or(usize::MAX)),
        None => text.trim().to_owned(),
    };
    let board = ctx.target.open_to_write()?;
    let author = args.author.unwrap_or_else(|| board.caller.name.clone());
    let length = body.chars().count();
    let applied = board.apply(Comment { task: task.clone(), author: author.clone(), body })?;
    match ctx.ui.format() {
        Format::Human => ctx.ui.out(format_args!("Comment added to {task}")),
        Format::Json => ctx.ui.json(&CommentedObject {
            task_id: task.as_str(),
            author: author.trim(),
            length,
            event_id: applied.event.map(|event| event.0),
        }),
    }
    Ok(())
}

/// Cuts to `max` characters in all, the note included where it fits.
fn cut(text: &str, max: usize) -> String {
    let (length, note) = (text.chars().count(), CUT_NOTE.chars().count());
    if length <= max {
        return text.to_owned();
    }
    if max <= note {
        return text.chars().take(max).collect();
    }
    let kept: String = text.chars().take(max - note).collect();
    kept.trim_end().to_owned() + CUT_NOTE
}

#[cfg(test)]
mod tests;
