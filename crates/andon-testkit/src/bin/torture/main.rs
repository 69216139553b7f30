//! The program behind `cargo xtask torture`: finds the engine and runs it.

#![expect(clippy::print_stdout, reason = "a program answers on its standard output")]
#![expect(clippy::print_stderr, reason = "a program complains on its standard error")]

use andon_testkit::torture::ENGINES;
use andon_testkit::torture::real::child;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Some engines start this program again, as one of the processes that they strike.
    if let Some(role) = child::Role::of_this_process() {
        return match child::run(&role) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("{}: {failure}", role.text());
                ExitCode::FAILURE
            }
        };
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let found = words.first().and_then(|name| ENGINES.iter().find(|engine| engine.name == name));
    let Some(engine) = found else {
        eprintln!("{}", usage());
        return ExitCode::from(2);
    };
    match (engine.run)(&words[1..]) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("torture {}: {failure}", words.join(" "));
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask torture ENGINE [OPTION]...\n");
    for engine in ENGINES {
        let call = format!("{} {}", engine.name, engine.options);
        text.push_str(&format!("\n  {call:<40} {}", engine.about));
    }
    text
}
