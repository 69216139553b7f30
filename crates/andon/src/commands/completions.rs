//! `completions`: the script by which a shell completes Andon's verbs and flags.

use crate::app::{self, Ctx};
use crate::error::CliError;
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the script to stdout.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut app::command(), "andon", &mut script);
    ctx.ui.out_bytes(&script);
    Ok(())
}
