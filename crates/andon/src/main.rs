//! The `andon` command.
//!
//! This file only chooses between the hidden verbs, with which Andon starts itself, and the
//! command line for people and programs. It must not hold any behaviour of its own.

mod actor;
mod app;
mod arguments;
mod backups;
mod batch;
mod commands;
mod context;
mod demo_step;
mod ending;
mod equipment;
mod error;
mod event_line;
mod known_profiles;
mod last_pass;
mod log_file;
mod missing;
mod open_files;
mod output;
mod random;
mod run_lines;
mod runner_verb;
mod signals;
mod target;
mod waiting;
mod when;

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    andon_runner::signals::heed_children();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Hidden verbs are recognised before the command line is built: a runner starts for every
    // worker, and must be small.
    match arguments.get(1).and_then(|word| word.to_str()) {
        Some(andon_runner::RUNNER_VERB) => runner_verb::run(),
        Some(andon_runner::STUB_VERB) => andon_runner::stub_main(),
        Some(demo_step::DEMO_STEP_VERB) => demo_step::run(),
        Some(_) | None => app::main(arguments),
    }
}
