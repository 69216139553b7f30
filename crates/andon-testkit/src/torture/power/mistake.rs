//! Mistakes that a power cut must bring to light, each made on purpose.

use super::{Scene, Wrong, cut};
use crate::disk::Habits;
use crate::torture::Failure;
use crate::torture::crew::Job;
use std::time::{Duration, Instant};

const SOUND: Habits = Habits { lies_about_syncs: false, lies_about_names: false };

const COMMANDS: &[Scene] = &[Scene::Commands];
const BACKUP: &[Scene] = &[Scene::Backup];
const RESTORE: &[Scene] = &[Scene::Restore];
const REPAIR: &[Scene] = &[Scene::Repair];

#[rustfmt::skip] // One mistake, one line.
/// Names, where the mistake is looked for, and what is wrong.
pub const MISTAKES: &[(&str, &[Scene], Wrong)] = &[
    ("the disk lies about syncs", COMMANDS, lying(true, false)),
    ("the disk lies about syncs of the directory", COMMANDS, lying(false, true)),
    ("the log is never synced", COMMANDS, made("vfs.no-sync")),
    ("commits are synced at checkpoints alone", COMMANDS, made("store.synchronous-normal")),
    ("nothing is synced", COMMANDS, made("store.synchronous-off")),
    ("a new board is named before it is synced", COMMANDS, made("create.unsynced")),
    ("the directory is not synced after a board is named", COMMANDS, made("disk.sync-directory.skip")),
    ("log pages are passed on after the sync", COMMANDS, made("vfs.sync-first")),
    ("pages that were taken back are written after the lock", COMMANDS, made("vfs.late-pages")),
    ("a command is two commits", COMMANDS, made("writer.two-commits")),
    ("a foreign board is marked before it is adopted", COMMANDS, made("adopt.mark-first")),
    ("a backup is named before it is synced", BACKUP, made("copy.unsynced")),
    ("the directory is not synced after a backup is named", BACKUP, made("disk.sync-directory.skip")),
    ("older backups go before the new one is there", BACKUP, made("backup.older-first")),
    ("a restored board is named before it is synced", RESTORE, made("copy.unsynced")),
    ("the directory is not synced after a restore", RESTORE, made("disk.sync-directory.skip")),
    ("the old log stays beside the restored board", RESTORE, made("replace.log-stays")),
    ("the old log is moved away before its database", RESTORE, made("replace.log-first")),
    ("a restore that was cut short is not finished", RESTORE, afterwards("replace.unfinished-stays")),
    ("a repaired board is named before it is synced", REPAIR, made("create.unsynced")),
    ("a repair forgets what it has moved aside", REPAIR, afterwards("repair.forgets")),
];

const fn made(mistake: &'static str) -> Wrong {
    Wrong { mistake: Some(mistake), afterwards: None, habits: SOUND }
}

const fn afterwards(mistake: &'static str) -> Wrong {
    Wrong { mistake: None, afterwards: Some(mistake), habits: SOUND }
}

const fn lying(syncs: bool, names: bool) -> Wrong {
    let habits = Habits { lies_about_syncs: syncs, lies_about_names: names };
    Wrong { mistake: None, afterwards: None, habits }
}

/// Images until a mistake must have shown itself.
const IMAGES_MAX: u64 = 300_000;

/// Makes each mistake until it is caught; tells how long that took, or which one was not.
pub fn all(seed: u64) -> Result<String, Failure> {
    let mut report = String::from("mistakes that power cuts bring to light, and after how long:");
    for (name, scenes, wrong) in MISTAKES {
        let job = Job { amount: IMAGES_MAX, limit: Duration::from_secs(600), seed, threads: 1 };
        let began = Instant::now();
        match cut(job, scenes, Some(*wrong)) {
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
