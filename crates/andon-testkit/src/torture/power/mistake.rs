//! Mistakes that a power cut must bring to light, each made on purpose.

use super::{Wrong, cut};
use crate::disk::Habits;
use crate::torture::Failure;
use crate::torture::crew::Job;
use std::time::{Duration, Instant};

const SOUND: Habits = Habits { lies_about_syncs: false, lies_about_names: false };

/// Names, and what is wrong.
pub const MISTAKES: &[(&str, Wrong)] = &[
    ("the disk lies about syncs", lying(true, false)),
    ("the disk lies about syncs of the directory", lying(false, true)),
    ("the log is never synced", made("vfs.no-sync")),
    ("commits are synced at checkpoints alone", made("store.synchronous-normal")),
    ("nothing is synced", made("store.synchronous-off")),
    ("a new board is named before it is synced", made("create.unsynced")),
    ("the directory is not synced after a board is named", made("disk.sync-directory.skip")),
    ("log pages are passed on after the sync", made("vfs.sync-first")),
    ("a command is two commits", made("writer.two-commits")),
    ("a foreign board is marked before it is adopted", made("adopt.mark-first")),
];

const fn made(mistake: &'static str) -> Wrong {
    Wrong { mistake: Some(mistake), habits: SOUND }
}

const fn lying(syncs: bool, names: bool) -> Wrong {
    Wrong { mistake: None, habits: Habits { lies_about_syncs: syncs, lies_about_names: names } }
}

/// Images until a mistake must have shown itself.
const IMAGES_MAX: u64 = 300_000;

/// Makes each mistake until it is caught; tells how long that took, or which one was not.
pub fn all(seed: u64) -> Result<String, Failure> {
    let mut report = String::from("mistakes that power cuts bring to light, and after how long:");
    for (name, wrong) in MISTAKES {
        let job = Job { amount: IMAGES_MAX, limit: Duration::from_secs(600), seed, threads: 1 };
        let began = Instant::now();
        match cut(job, Some(*wrong)) {
            Ok(_) => return Err(format!("nobody noticed that {name}").into()),
            Err(failure) => {
                let took = began.elapsed().as_secs_f64();
                let shown: String = failure.to_string().chars().take(SHOWN_MAX).collect();
                report.push_str(&format!("\n  {took:8.2} s  {name}: {shown}"));
            }
        }
    }
    Ok(report)
}

/// Of what was found, in a report.
const SHOWN_MAX: usize = 160;
