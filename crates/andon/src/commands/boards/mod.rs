//! `boards`: the boards of the home. What they are called and where they lie is the business of
//! the daemon's `boards` module; this only asks and tells.

mod change;
mod list;
mod shelf;

use crate::app::Ctx;
use crate::error::CliError;
use andon_core::id::BoardSlug;

/// Arguments of `boards`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List the boards.
    #[command(visible_alias = "ls")]
    List(list::ListArgs),
    /// Make a board; for one that exists, change what is given.
    #[command(visible_alias = "new")]
    Create(change::CreateArgs),
    /// Show one board, the current one unless another is named.
    #[command(visible_alias = "current")]
    Show(list::ShowArgs),
    /// Make a board the one that verbs use when none is named.
    #[command(visible_alias = "use")]
    Switch(change::SwitchArgs),
    /// Change a board's display name.
    Rename(change::RenameArgs),
    /// Change the directory in which tasks without one of their own work.
    SetDefaultWorkdir(change::WorkdirArgs),
    /// Put a board away; nothing of it is lost. Refused while a process, such as the runner of a
    /// task, has it open.
    #[command(visible_aliases = ["rm", "remove"])]
    Archive(shelf::ArchiveArgs),
    /// Bring an archived board back.
    Restore(shelf::RestoreArgs),
    /// Delete an archived board, with everything in it, for good.
    Delete(shelf::DeleteArgs),
}

/// Does what is asked; without a word, lists.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    match args.verb {
        None => list::list(list::ListArgs::default(), ctx),
        Some(Verb::List(args)) => list::list(args, ctx),
        Some(Verb::Create(args)) => change::create(args, ctx),
        Some(Verb::Show(args)) => list::show(&args, ctx),
        Some(Verb::Switch(args)) => change::switch(&args, ctx),
        Some(Verb::Rename(args)) => change::rename(args, ctx),
        Some(Verb::SetDefaultWorkdir(args)) => change::set_workdir(args, ctx),
        Some(Verb::Archive(args)) => shelf::archive(&args, ctx),
        Some(Verb::Restore(args)) => shelf::restore(&args, ctx),
        Some(Verb::Delete(args)) => shelf::delete(&args, ctx),
    }
}

/// Reads a board's name. One that no board can have is a wrong call.
fn slug(text: &str) -> Result<BoardSlug, CliError> {
    BoardSlug::parse(text).map_err(|error| CliError::usage(error.to_string()))
}
