//! The verbs. One file per verb: its `Args` (their doc comments are its help) and
//! `run(args, ctx)`, which turns them into a command and the answer into lines.
//!
//! To add a verb: write `commands/<verb>.rs`, add its `mod` line, and one line to the table
//! below. No rule of the board belongs here; those are in `andon-core`.

mod show;

use crate::app::Ctx;
use crate::error::CliError;

macro_rules! verbs {
    ($($(#[$meta:meta])* $name:ident($module:ident)),* $(,)?) => {
        /// What to do.
        #[derive(Debug, clap::Subcommand)]
        pub(crate) enum Verb { $($(#[$meta])* $name($module::Args)),* }

        impl Verb {
            /// Does it.
            pub(crate) fn run(self, ctx: &mut Ctx) -> Result<(), CliError> {
                match self { $(Self::$name(args) => $module::run(args, ctx)),* }
            }
        }
    };
}

// The doc comment of a line is the verb's summary; `#[command(visible_alias = "…")]` names
// another word for it. The order is that of `andon --help`.
verbs! {
    /// Show one task with its history.
    Show(show),
}
