//! What a commit costs at the least: one page written and synced, in place and at the end.

use crate::Answer;
use crate::answer;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

/// SQLite's page, and the block of the usual filesystems.
const PAGE: [u8; 4096] = [0x5a; 4096];
/// The file that is written over: 256 pages are more than a device merges, and fit every cache.
const PAGES: u64 = 256;
const SYNC: &str = "fdatasync";

/// Times single writes with their syncs in a directory of the disk in question.
pub(crate) fn run(directory: &Path, samples: usize) -> Answer {
    let path = directory.join("disk.probe");
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    for _ in 0..PAGES {
        file.write_all(&PAGE)?;
    }
    file.sync_all()?;
    let mut overwriting = Vec::with_capacity(samples);
    for (page, _) in (0..PAGES).cycle().zip(0..samples) {
        file.seek(SeekFrom::Start(page * PAGE.len() as u64))?;
        overwriting.push(write_one(&mut file)?);
    }
    file.seek(SeekFrom::End(0))?;
    let mut appending = Vec::with_capacity(samples);
    for _ in 0..samples {
        appending.push(write_one(&mut file)?);
    }
    std::fs::remove_file(&path)?;
    Ok(Some(json!({
        "overwriting": answer::times(overwriting, SYNC),
        "appending": answer::times(appending, SYNC),
    })))
}

fn write_one(file: &mut File) -> std::io::Result<f64> {
    let started = Instant::now();
    file.write_all(&PAGE)?;
    file.sync_data()?;
    Ok(answer::microseconds(started.elapsed()))
}
