//! `cargo xtask bench`: Andon and its peers, in turn, on this machine, in one run.
//!
//! Figures of different machines or hours cannot be compared, so every run measures everybody
//! anew, interleaved, and reports ratios beside the figures. This file only knows the order of
//! things; what is measured is in [`items`], and nothing here is a test.

mod answer;
mod client;
mod effort;
mod figures;
mod gate;
mod home;
mod items;
mod lab;
mod machine;
mod options;
mod peers;
mod report;
#[cfg(test)]
mod tests;

use std::process::Command;

use crate::error::TaskError;
use crate::{process, tree};

use effort::Counts;
use figures::Section;
use lab::Lab;
use machine::Machine;
use options::Options;
use report::Report;

/// Rounds of `--profile`: long enough to attach a profiler, and it can be interrupted.
const PROFILE_ROUNDS: u32 = 1_000;
/// More than this share of one processor is somebody else at work, whom the figures would show.
const QUIET_MAX: f64 = 0.2;

/// Runs the benches and prints one table.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    let options = options::parse(arguments)?;
    match &options.profile {
        Some(name) => profile(name),
        None => compare(&options),
    }
}

/// Andon's part of one bench in a loop, without any peer.
fn profile(name: &str) -> Result<(), TaskError> {
    let counts = Counts::full();
    let threads = match name {
        "cycle1" => 1,
        "cycle64" => counts.crowd_threads,
        _ => {
            let known = "`--profile` knows `cycle1` and `cycle64`".to_owned();
            return Err(TaskError::Usage(known));
        }
    };
    let lab = Lab::open(counts)?;
    let board = lab.fresh("profile")?.join("board.db");
    let mut command = lab.client.command("spin");
    command
        .arg(board)
        .args([lab.counts.crowd_tasks, threads, PROFILE_ROUNDS].map(|n| n.to_string()));
    process::run(&mut command)
}

fn compare(options: &Options) -> Result<(), TaskError> {
    let lab = Lab::open(Counts::of(options.effort))?;
    let machine = Machine::read(&lab)?;
    let before = machine::busy_with_others()?;
    if before > QUIET_MAX {
        eprintln!("warning: others keep {before:.2} processors busy; the figures will show it");
    }
    let disk = lab.client.disk(lab.counts.disk_samples, &lab.fresh("disk")?)?;
    let mut sections: Vec<Section> = Vec::new();
    for item in items::ALL.iter().filter(|item| options.wants(item.name)) {
        eprintln!("==> {}: {}", item.name, item.about);
        match (item.run)(&lab) {
            Ok(measured) => sections.push(Section::of(item, measured)),
            // Hours of other figures must not be lost for one: the report says what is missing.
            Err(error) => sections.push(Section::failed(item, &error)),
        }
    }
    let busy = [before, machine::busy_with_others()?];
    let report = Report { effort: options.effort, machine, disk, busy, sections };
    // Errors of peers name files with the whole path, which says nothing about the peer.
    let here = format!("{}/", tree::root().display());
    let text = report.markdown().replace(&here, "");
    println!("{text}");
    if let Some(path) = &options.out {
        std::fs::write(path, &text).map_err(TaskError::file("write", path))?;
    }
    report.verdict()
}

/// The first line of what a program says, for versions.
fn first_line(program: &str, arguments: &[&str]) -> Result<String, TaskError> {
    let text = process::capture(Command::new(program).args(arguments))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}
