//! The command line of the engine `real`.

use super::{Neighbours, Plan, Programs, run};
use crate::torture::Failure;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The options, as the usage shows them.
pub const OPTIONS: &str = "[--seconds N] [--processes N] [--kills N] [--kills-min N] [--rate N] \
                           [--seed S] [--place DIR] [--alone | --with-peer]";

/// What is run where nothing is said: two minutes in which each kind of strike comes often.
const SECONDS: u64 = 120;
const PROCESSES: usize = 14;
/// Strikes in a second. More, and hardly a client lives long enough to do harm.
const KILLS_A_SECOND: u64 = 4;
/// Operations in a second of each client, about: all together leave the machine some air.
const RATE: u64 = 80;

/// Runs the engine.
pub fn start(arguments: &[String]) -> Result<String, Failure> {
    let plan = plan(arguments)?;
    eprintln_start(&plan);
    let report = run(&plan)?;
    match report.complaint() {
        // The directory stays: it holds all that is known.
        Some(complaint) => Err(complaint.into()),
        None => {
            fs::remove_dir_all(&plan.directory)?;
            Ok(report.to_string())
        }
    }
}

#[expect(clippy::print_stderr, reason = "whoever sees a failure wants to repeat it")]
fn eprintln_start(plan: &Plan) {
    eprintln!("seed {}, in {}", plan.seed, plan.directory.display());
}

/// Reads the options.
pub(crate) fn plan(arguments: &[String]) -> Result<Plan, Failure> {
    let program = std::env::current_exe()?;
    let binaries = program.parent().ok_or("this program lies nowhere")?.to_owned();
    let target = binaries.parent().ok_or("this program lies nowhere")?.to_owned();
    let random = UNIX_EPOCH.elapsed().map_or(0, |since| u64::from(since.subsec_nanos()));
    let programs = Programs { andon: binaries.join("andon"), child: program, peer: None };
    let mut plan = Plan {
        seconds: SECONDS,
        processes: PROCESSES,
        kills: 0,
        kills_min: 0,
        seed: random,
        rate: RATE,
        neighbours: Neighbours::Hostile,
        programs,
        directory: PathBuf::new(),
    };
    let mut place = target.join("tmp");
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--alone" {
            plan.neighbours = Neighbours::None;
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--seconds" => plan.seconds = value.parse()?,
            "--processes" => plan.processes = value.parse()?,
            "--kills" => plan.kills = value.parse()?,
            "--kills-min" => plan.kills_min = value.parse()?,
            "--peer" => plan.programs.peer = Some(value.into()),
            "--rate" => plan.rate = value.parse()?,
            "--seed" => plan.seed = value.parse()?,
            "--place" => place = PathBuf::from(value),
            _ => return Err(format!("unknown option {word}; options: {OPTIONS}").into()),
        }
    }
    if plan.kills == 0 {
        plan.kills = plan.seconds * KILLS_A_SECOND;
    }
    plan.directory = fresh(&place, plan.seed)?;
    Ok(plan)
}

/// A directory that was not there before.
fn fresh(place: &Path, seed: u64) -> Result<PathBuf, Failure> {
    fs::create_dir_all(place)?;
    let name = format!("torture-real-{seed}-{}", std::process::id());
    let directory = place.join(name);
    fs::create_dir(&directory)?;
    Ok(directory)
}
