//! The project's own tasks, started as `cargo xtask <verb>`: one file per verb.
//!
//! This file only finds the verb. A new verb is one `mod` line and one line in [`VERBS`].

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks on the standard streams"
)]

mod bench;
mod changelog;
mod ci;
mod deny;
mod error;
// `gen` is a keyword since edition 2024; the file keeps the name of its verb.
mod r#gen;
mod interop;
mod mutants;
mod process;
mod tidy;
mod tool;
mod torture;
mod tree;

use std::process::ExitCode;

use error::TaskError;

/// One verb of `cargo xtask`.
struct Verb {
    name: &'static str,
    /// Arguments as shown by `--help`; empty when the verb takes none.
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), TaskError>,
}

#[rustfmt::skip] // One verb, one line.
const VERBS: &[Verb] = &[
    Verb { name: "ci", arguments: "[--skip STEP]...", about: "every check, in order, stopping at the first failure", run: ci::run },
    Verb { name: "tidy", arguments: "", about: "walls, sizes, names, leftovers and clippy tables", run: tidy::run },
    Verb { name: "gen", arguments: "[--check]", about: "write the generated files, or fail when one is stale", run: r#gen::run },
    Verb { name: "deny", arguments: "", about: "licences, sources and bans of every dependency", run: deny::run },
    Verb { name: "interop", arguments: "", about: "run the suite that shares a board with the peer", run: interop::run },
    Verb { name: "bench", arguments: "[--quick|--full] [--only NAME,…] [--out FILE] [--profile NAME]", about: "Andon and its peers, in turn, on this machine", run: bench::run },
    Verb { name: "torture", arguments: "ENGINE [OPTION]... | --nightly | --release | --against-peer", about: "power cuts, faults, kills: what must not lose a board", run: torture::run },
    Verb { name: "mutants", arguments: "[PART_OF_PATH]... [--list] [--afresh]", about: "rules and write path broken on purpose: do the tests notice", run: mutants::run },
    Verb { name: "changelog", arguments: "VERSION", about: "fold changes/*.md into CHANGELOG.md", run: changelog::run },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<(), TaskError> {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(TaskError::Usage(usage()));
    };
    if matches!(name.as_str(), "--help" | "-h" | "help") {
        println!("{}", usage());
        return Ok(());
    }
    match VERBS.iter().find(|verb| verb.name == name) {
        Some(verb) => (verb.run)(rest),
        None => Err(TaskError::Usage(format!("no verb `{name}`\n\n{}", usage()))),
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <verb>\n");
    for verb in VERBS {
        let call = format!("{} {}", verb.name, verb.arguments);
        text.push_str(&format!("\n  {call:<22} {}", verb.about));
    }
    text
}

fn report(error: &TaskError) {
    eprintln!("error: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
}
