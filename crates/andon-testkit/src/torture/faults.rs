//! Faults: at every operation of an action the disk, a lock or the memory fails, once, from then on
//! or now and then. The caller must be told the first cause, and nothing else; what was answered is
//! true; and once nothing fails any more, the same process goes on.

mod cause;
mod mistake;
mod point;
mod scene;
mod tally;
mod wrong;

pub use mistake::all as mistakes;
pub use tally::Tally;

use super::Failure;
use super::bench::Bench;
use super::crew::{self, Job};
use super::options::Options;
use super::power::lab::Lab;
use crate::disk::{Fault, Habits, Plan, Recurrence};
use point::{Outcome, Tester};
use scene::Scene;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use wrong::Wrong;

/// Seeds of scenes in which something was lost, masked or stuck once. They are tried before all
/// others.
const PAST: &[u64] = &[
    // A read error while a copy was checked was told as damage; a sign of life whose sync had
    // failed was told as failed, and came back at a restart.
    5,
    // A switch to the log that failed at its commit was taken for done; an error of the checkpoint
    // of a new board was told as a fault of ours.
    13,
    // A transaction that could not be ended for want of memory stayed open; a commit whose sync had
    // failed was told as failed after a second try, and came back at a restart.
    1,
];

/// Points for a night, and for a release.
const NIGHTLY: u64 = 5_000_000;
const RELEASE: u64 = 30_000_000;
/// Points where nobody says otherwise: some minutes.
const USUAL: u64 = 200_000;

/// How often a fault recurs. Two numbers without a common factor with most loops.
const RECURRENCES: [Recurrence; 4] =
    [Recurrence::Once, Recurrence::Sticky, Recurrence::Every(2), Recurrence::Every(5)];

/// Requests for memory are many: so many of them are tried with each recurrence.
const MEMORY_POINTS: u64 = 60;

/// The engine, as the command line calls it.
pub fn run(words: &[String]) -> Result<String, Failure> {
    let (mistakes, words): (Vec<_>, Vec<_>) =
        words.iter().cloned().partition(|word| word == "--mistakes");
    let options = Options::parse(&words, "--points")?;
    if !mistakes.is_empty() {
        return mistake::all(options.seed);
    }
    let job = options.job(USUAL, NIGHTLY, RELEASE);
    let began = Instant::now();
    let tally = inject(job, None)?;
    Ok(tally.report(began.elapsed()))
}

/// Injects faults until there are enough points; the first thing that is wrong ends it.
pub fn inject(job: Job, mistake: Option<&'static str>) -> Result<Tally, Failure> {
    let total = Mutex::new(Tally::default());
    let tools = || -> Result<Tester, Failure> {
        let bench = Bench::with_mistake("faulty", Habits::default(), mistake)?;
        Ok(Tester { bench, lab: Lab::new("restarted")?, points: 0, live: None })
    };
    // A mistake is looked for where everything is; the past is about the product as it is meant.
    let past = if mistake.is_some() { &[][..] } else { PAST };
    crew::work(job, past, tools, |tester, seed| {
        let mut tally = Tally::default();
        for scene in scene::scenes(&tester.bench, seed)? {
            every_point(tester, &scene, &mut tally)
                .map_err(|failure| format!("{}: {failure}", scene.what()))?;
        }
        total.lock().unwrap_or_else(PoisonError::into_inner).add(&tally);
        Ok(tally.total())
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Tries one scene with each fault at each of its operations.
fn every_point(tester: &mut Tester, scene: &Scene, tally: &mut Tally) -> Result<(), Failure> {
    let expected = tester.expect(scene)?;
    let mut attempt = |what, wrong| -> Result<Outcome, Failure> {
        let outcome = tester
            .attempt(scene, &expected, wrong)
            .map_err(|failure| format!("{wrong:?}: {failure}"))?;
        tally.note(what, outcome);
        Ok(outcome)
    };
    for fault in Fault::ALL {
        for recurrence in RECURRENCES {
            // Ends with the action, whose operations are bounded.
            for first in 1.. {
                let wrong = Wrong::Disk(Plan { fault, first, recurrence });
                if attempt(fault.word(), wrong)? == Outcome::NotReached {
                    break;
                }
            }
        }
    }
    for recurrence in RECURRENCES {
        let mut first = 1;
        // Ends because each step is longer than the one before, and the requests are bounded.
        while attempt("memory", Wrong::Memory(first, recurrence))? != Outcome::NotReached {
            first += 1 + first / MEMORY_POINTS * 3;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
