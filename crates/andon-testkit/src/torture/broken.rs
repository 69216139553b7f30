//! `broken`: files that are broken in every known way, each under a board with real content.
//!
//! The board is made by the real store, and everything on it was acknowledged. Its files are
//! damaged in one way at a time; then the shipped binary is let at them. Damage must be noticed,
//! and what is refused must stay byte for byte as it is; `andon repair` must bring back every row
//! that does not lie where the damage is, and no other; and the repaired board must work. Where
//! each row lies is told by SQLite, before the damage.

mod damage;
mod files;
mod judge;
mod kinds;
mod report;
mod scene;

use super::Failure;
use super::words::Words;
use judge::Judge;
use report::Report;
use scene::Scene;
use std::path::PathBuf;

/// Options as the usage shows them.
pub(super) const OPTIONS: &str = "[--kind NAME] [--seed N]";

/// Runs the engine from its command line, with the binary beside this program.
pub(super) fn main(words: &[String]) -> Result<String, Failure> {
    let program = std::env::current_exe()?.with_file_name("andon");
    let mut options = Words::read(words)?;
    let only = options.text("kind");
    let seed = options.number("seed")?.unwrap_or(1);
    options.finish()?;
    run(program, seed, only.as_deref()).map(|report| report.to_string())
}

/// Breaks a board in every way, or in the one that is named.
pub fn run(program: PathBuf, seed: u64, only: Option<&str>) -> Result<Report, Failure> {
    let scene = Scene::make(seed)?;
    let (mut report, mut failures) = (Report::default(), Vec::new());
    for kind in kinds::all().filter(|kind| only.is_none_or(|only| kind.name == only)) {
        // Each kind is judged; what went wrong with one says nothing of the others.
        match Judge::new(&program, &scene, kind, seed).and_then(Judge::judge) {
            Ok(line) => report.lines.push(line),
            Err(failure) => failures.push(format!("{}: {failure}", kind.name)),
        }
    }
    if !failures.is_empty() {
        return Err(format!("{}\n{report}", failures.join("\n")).into());
    }
    if report.lines.is_empty() {
        return Err(format!("there is no kind {}", only.unwrap_or_default()).into());
    }
    Ok(report)
}
