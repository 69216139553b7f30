//! `cargo xtask torture`: the engines that try to make a board lose something.
//!
//! They live in `andon-testkit`; this builds the program that runs them, optimised, beside the
//! shipped binary, which some of them start and kill.

use crate::error::TaskError;
use crate::process;

/// What the checks do of each engine; unoptimised it would take several times as long.
const CI: &[&[&str]] = &[
    // The mistakes first: a proof that cannot fail proves nothing.
    &["power", "--mistakes"],
    &["faults", "--mistakes"],
    &["power", "--images", "300000"],
    &["faults", "--points", "20000"],
];

/// Runs the part of each engine that belongs to the checks.
pub(crate) fn ci() -> Result<(), TaskError> {
    CI.iter().try_for_each(|arguments| {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        run(&arguments)
    })
}

/// Builds the binary and the engines, and runs them with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    process::run(&mut process::cargo(["build", "--release", "-p", "andon"]))?;
    let program = ["run", "--release", "-q", "-p", "andon-testkit", "--bin", "torture", "--"];
    process::run(&mut process::cargo(
        program.into_iter().chain(arguments.iter().map(String::as_str)),
    ))
}
