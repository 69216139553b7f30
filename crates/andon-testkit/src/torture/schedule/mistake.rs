//! Mistakes that schedules must bring to light, each made on purpose.

use super::{Setting, play};
use crate::torture::Failure;
use crate::torture::crew::Job;
use andon_store_sqlite::WriterLocking;
use std::time::{Duration, Instant};

/// A mistake.
#[derive(Debug, Clone, Copy)]
struct Mistake {
    what: &'static str,
    /// Its name in the product.
    planted: Option<&'static str>,
    writer_lock: WriterLocking,
}

const fn planted(what: &'static str, name: &'static str) -> Mistake {
    Mistake { what, planted: Some(name), writer_lock: WriterLocking::Queue }
}

const MISTAKES: &[Mistake] = &[
    Mistake { what: "writers do not queue", planted: None, writer_lock: WriterLocking::Off },
    planted("nobody guards the board against lost locks", "guard.none"),
    planted("the locks of the index are SQLite's alone", "vfs.single-locks"),
    planted("nobody looks whether the files are still the board's", "identity.unchecked"),
    planted("pages that were taken back are written after the lock", "vfs.late-pages"),
    planted("boards are made without the init lock", "init-lock.ignored"),
];

/// Seeds until a mistake must have shown itself.
const SEEDS_MAX: u64 = 20_000;
/// Schedules played at once. In each only one thread runs at a time, and handing the turn on costs
/// more than most turns: with fewer the processors would idle.
const THREADS: usize = 4;
/// Of what was found, in a report.
const SHOWN_MAX: usize = 160;

/// Makes each mistake until it is caught; tells how long that took, or which one was not.
pub(super) fn all(seed: u64) -> Result<String, Failure> {
    let mut report = String::from("mistakes that schedules bring to light, and after how long:");
    for Mistake { what, planted, writer_lock } in MISTAKES {
        let limit = Duration::from_secs(600);
        let job = Job { amount: SEEDS_MAX, limit, seed, threads: THREADS };
        let setting =
            Setting { mistake: *planted, writer_lock: *writer_lock, ..Setting::default() };
        let began = Instant::now();
        match play(job, setting) {
            Ok(_) => return Err(format!("nobody noticed that {what}").into()),
            Err(failure) => {
                let took = began.elapsed().as_secs_f64();
                let text = failure.to_string();
                let shown: String =
                    text.lines().next().unwrap_or("").chars().take(SHOWN_MAX).collect();
                report.push_str(&format!("\n  {took:8.2} s  {what}: {shown}"));
            }
        }
    }
    Ok(report)
}
