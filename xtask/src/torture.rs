//! `cargo xtask torture`: the engines that try to make a board lose something.
//!
//! They live in `andon-testkit`; this builds the program that runs them, optimised, beside the
//! shipped binary, which some of them start and kill.

mod old_sqlite;

use crate::error::TaskError;
use crate::{interop, process};
use std::time::UNIX_EPOCH;

/// Asks for the peer: it is provided, and the engine told where its interpreter is.
const WITH_PEER: &str = "--with-peer";
const PEER: &str = "--peer";
/// The comparison with the peer, and the engine that makes it.
const AGAINST_PEER: &str = "--against-peer";
const VERSUS: [&str; 2] = ["versus", WITH_PEER];

/// Asks for an older SQLite below the engine, one with a fault that is known.
const OLD_SQLITE: &str = "--old-sqlite";

/// What the checks do of each engine; unoptimised it would take several times as long.
const CI: &[&[&str]] = &[
    // The mistakes first: a proof that cannot fail proves nothing.
    &["power", "--mistakes"],
    &["faults", "--mistakes"],
    &["schedule", "--mistakes"],
    &["model", "--mistakes"],
    &["model"],
    &["broken"],
    &["opening", "--rounds", "10", "--processes", "30", "--stopped", "8"],
    &["power", "--images", "300000"],
    &["faults", "--points", "20000"],
    &["sequence", "--sequences", "500"],
    &["real", "--seconds", "50", "--kills", "320", "--kills-min", "200", "--alone"],
    // One thread of a schedule runs at a time, so more of them than processors.
    &["schedule", "--seeds", "2000", "--threads", "4"],
];

/// The first seed of a long run: the time, so that none repeats another.
const SEED: &str = "--seed";

/// What every engine does in a night on two processors, and before a release on sixteen: the
/// figures of the reliability reference §8. The shorter ones come first.
const SERIES: &[(&str, &[&[&str]])] = &[
    (
        "--nightly",
        &[
            &["opening"],
            &["broken", SEED],
            &["model", "--nightly"],
            &["sequence", "--sequences", "100000", SEED],
            &["sequence", "--sequences", "20000", "--with-peer", SEED],
            &["fuzz", "--seconds", "1800", SEED],
            &["schedule", "--nightly", SEED],
            &["faults", "--nightly", SEED],
            &["real", "--with-peer", "--seconds", "8280", "--kills", "50000", SEED],
            &["power", "--nightly", SEED],
        ],
    ),
    (
        "--release",
        &[
            &["opening", "--rounds", "1000"],
            &["broken", SEED],
            &["model", "--release"],
            &["sequence", "--sequences", "1000000", "--minutes", "600", SEED],
            &["sequence", "--sequences", "100000", "--minutes", "600", "--with-peer", SEED],
            &["fuzz", "--seconds", "7200", SEED],
            &["schedule", "--release", "--threads", "16", SEED],
            &["faults", "--release", "--threads", "16", SEED],
            &["real", "--with-peer", "--seconds", "43200", "--kills", "500000", SEED],
            &["power", "--release", "--threads", "16", SEED],
        ],
    ),
];

/// Builds the shipped binary and the engines. A step of its own in the checks, so that the time of
/// the engines is theirs.
pub(crate) fn build() -> Result<(), TaskError> {
    process::run(&mut process::cargo(["build", "--release", "--locked", "-p", "andon"]))?;
    let engines = ["build", "--release", "--locked", "-p", "andon-testkit", "--bin", "torture"];
    process::run(&mut process::cargo(engines))
}

/// Runs the part of each engine that belongs to the checks.
pub(crate) fn ci() -> Result<(), TaskError> {
    all(CI)
}

/// Runs one after the other; the first failure ends it.
fn all(series: &[&[&str]]) -> Result<(), TaskError> {
    series.iter().try_for_each(|arguments| {
        let mut arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        if arguments.last().is_some_and(|word| word == SEED) {
            arguments.push(UNIX_EPOCH.elapsed().map_or(1, |since| since.as_secs()).to_string());
        }
        println!("==> torture {}", arguments.join(" "));
        run(&arguments)
    })
}

/// Builds the binary and the engines, and runs them with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    if let [word] = arguments
        && let Some((_, series)) = SERIES.iter().find(|(name, _)| name == word)
    {
        return all(series);
    }
    let mut words = with_peer(arguments)?;
    let program = ["run", "--release", "-q", "-p", "andon-testkit", "--bin", "torture", "--"];
    let mut command = match words.iter().position(|word| word == OLD_SQLITE) {
        Some(at) => {
            words.remove(at);
            old_sqlite::cargo(program)?
        }
        None => {
            process::run(&mut process::cargo(["build", "--release", "-p", "andon"]))?;
            process::cargo(program)
        }
    };
    process::run(command.args(words))
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

#[cfg(test)]
mod tests;
