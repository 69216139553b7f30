//! The command line: global flags, the verb, and how a call ends.

use crate::commands::Verb;
use crate::error::{CliError, Kind};
use crate::output::{Format, Ui};
use crate::target::Target;
use andon_daemon::env::Env;
use andon_wire::ExitStatus;
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// A durable task board and dispatcher for fleets of agents.
#[derive(Debug, Parser)]
#[command(name = "andon", version, infer_long_args = true, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// Flags that every verb takes, before or after its name (S22).
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Globals {
    /// Board to use, instead of the current one.
    #[arg(long, global = true, value_name = "BOARD", help_heading = "Global options")]
    pub(crate) board: Option<String>,
    /// Directory that holds boards, settings and profiles.
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(crate) home: Option<PathBuf>,
    /// Write one JSON document to stdout, and failures as JSON to stderr.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// No colours, even on a terminal.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) no_color: bool,
}

/// What a verb works with. Nothing in it costs anything until it is used.
#[derive(Debug)]
pub(crate) struct Ctx {
    /// Where output goes.
    pub(crate) ui: Ui,
    /// Which home and board are meant, and how to open them.
    pub(crate) target: Target,
}

/// Reads the arguments, runs the verb, and says how it ended.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    let plain = arguments.iter().any(|word| word == "--no-color");
    let colour = if plain { ColorChoice::Never } else { ColorChoice::Auto };
    let matches = Cli::command().color(colour).try_get_matches_from(&arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return refuse_arguments(&error, &arguments),
        Err(asked) => return explain(&asked),
    };
    let format = if cli.globals.json { Format::Json } else { Format::Human };
    let env = Env::from_pairs(std::env::vars_os());
    let mut ui = Ui::new(format);
    let Some(verb) = cli.verb else {
        ui.out(Cli::command().render_help());
        return end(ui, Ok(()));
    };
    let mut ctx = Ctx { ui, target: Target::new(cli.globals, env) };
    let ended = verb.run(&mut ctx);
    end(ctx.ui, ended)
}

/// The command line as a value, for completions and the manual.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

fn end(mut ui: Ui, ended: Result<(), CliError>) -> ExitCode {
    // What was written before a failure belongs before its message.
    let ended = match ui.flush() {
        // Exit code 0 says that all was done, whoever reads: only a success ends quietly.
        Err(unread) if unread.kind == Kind::NoReader => ended.and(Err(unread)),
        written => written.and(ended),
    };
    let status = match ended {
        Ok(()) => ExitStatus::Done,
        Err(error) => {
            error.report(&mut ui);
            error.exit_status()
        }
    };
    ExitCode::from(status.code())
}

/// Help or the version, which the parser reports as a failure. It is written in its own colours.
fn explain(asked: &clap::Error) -> ExitCode {
    let written = asked.print().and_then(|()| std::io::stdout().flush());
    let ended = match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(CliError::no_reader()),
        Err(error) => Err(CliError::io("cannot write to stdout", &error)),
    };
    end(Ui::new(Format::Human), ended)
}

/// Arguments that cannot be read.
fn refuse_arguments(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if arguments.iter().any(|word| word == "--json") {
        let text = error.render().to_string();
        // The first paragraph is the error; usage and tips for people follow.
        let said: Vec<&str> =
            text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        let said = said.join(" ");
        let message = said.trim_start_matches("error: ");
        CliError::usage(message).report(&mut Ui::new(Format::Json));
    } else {
        // Nobody is left to be told when stderr cannot be written.
        let _unwritten = error.print();
    }
    ExitCode::from(ExitStatus::Usage.code())
}
