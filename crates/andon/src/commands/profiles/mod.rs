//! `profiles`: who can work on tasks here, and what keeps a profile from working.

mod list;
mod problems;

use crate::app::Ctx;
use crate::error::CliError;

/// Arguments of `profiles`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List the profiles.
    #[command(visible_alias = "ls")]
    List,
    /// Show what a profile starts, with which environment and limits.
    Show(list::ShowArgs),
    /// Say why profiles cannot start here; exit code 1 if one cannot.
    Check(problems::CheckArgs),
}

/// Does what is asked; without a word, lists.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    match args.verb {
        None | Some(Verb::List) => list::list(ctx),
        Some(Verb::Show(args)) => list::show(&args, ctx),
        Some(Verb::Check(args)) => problems::check(&args, ctx),
    }
}
