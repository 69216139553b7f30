//! `cargo xtask torture`: the engines that try to make a board lose something.
//!
//! They live in `andon-testkit`; this builds the program that runs them, optimised, beside the
//! shipped binary, which some of them start and kill.

use crate::error::TaskError;
use crate::{interop, process};

/// Asks for the peer: it is provided, and the engine told where its interpreter is.
const WITH_PEER: &str = "--with-peer";
const PEER: &str = "--peer";
/// The comparison with the peer, and the engine that makes it.
const AGAINST_PEER: &str = "--against-peer";
const VERSUS: [&str; 2] = ["versus", WITH_PEER];

/// What the checks do of each engine; unoptimised it would take several times as long.
const CI: &[&[&str]] = &[
    // The mistakes first: a proof that cannot fail proves nothing.
    &["power", "--mistakes"],
    &["faults", "--mistakes"],
    &["schedule", "--mistakes"],
    &["power", "--images", "300000"],
    &["faults", "--points", "20000"],
    &["sequence", "--sequences", "500"],
    &["real", "--seconds", "50", "--kills", "320", "--kills-min", "200", "--alone"],
    &["schedule", "--seeds", "2000"],
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
    let words = with_peer(arguments)?;
    process::run(&mut process::cargo(["build", "--release", "-p", "andon"]))?;
    let program = ["run", "--release", "-q", "-p", "andon-testkit", "--bin", "torture", "--"];
    process::run(&mut process::cargo(program.into_iter().chain(words.iter().map(String::as_str))))
}

fn with_peer(arguments: &[String]) -> Result<Vec<String>, TaskError> {
    let mut words = arguments.to_vec();
    if words.first().is_some_and(|word| word == AGAINST_PEER) {
        words.splice(..1, VERSUS.map(str::to_owned));
    }
    if let Some(at) = words.iter().position(|word| word == WITH_PEER) {
        let python = interop::peer()?.display().to_string();
        words.splice(at..=at, [PEER.to_owned(), python]);
    }
    Ok(words)
}
