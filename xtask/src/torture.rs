//! `cargo xtask torture`: the engines that try to make a board lose something.
//!
//! They live in `andon-testkit`; this builds the program that runs them, optimised, beside the
//! shipped binary, which some of them start and kill.

use crate::error::TaskError;
use crate::process;

/// Builds the binary and the engines, and runs them with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    process::run(&mut process::cargo(["build", "--release", "-p", "andon"]))?;
    let program = ["run", "--release", "-q", "-p", "andon-testkit", "--bin", "torture", "--"];
    process::run(&mut process::cargo(
        program.into_iter().chain(arguments.iter().map(String::as_str)),
    ))
}
