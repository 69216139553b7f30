//! Copies of broken files, named by what is in them: however often somebody tries to repair one
//! file, there is one copy of it. They are taken byte for byte, because SQLite would refuse.

use crate::disk::{self, Published};
use crate::exists::{self, BROKEN, JOURNAL, WAL};
use andon_store::StoreError;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Copies that stay beside a board. More than a few are of no use to anybody, and each is as large
/// as the board.
const KEPT: usize = 3;

/// While a copy is being made. There is only one: whoever makes it holds the lock of first opens.
const UNFINISHED: &str = ".broken-andon.new";

/// What belongs to a copy: the database, and what SQLite would read with it.
const FILES: [&str; 3] = ["", WAL, JOURNAL];

/// Keeps a copy of a database with its log, both of which nobody has open, beside the board. A
/// database that is not there counts as an empty one.
pub(crate) fn keep(source: &Path, board: &Path) -> Result<PathBuf, StoreError> {
    let name = sum(source)?;
    let copy = exists::beside(board, &format!("{BROKEN}{name:032x}{}", exists::BACKUP));
    if copy.exists() && sum(&copy)? == name {
        return Ok(copy);
    }
    let unfinished = exists::beside(board, UNFINISHED);
    clear(&unfinished)?;
    clear(&copy)?;
    let made = FILES.into_iter().try_for_each(|suffix| {
        let to = exists::beside(&unfinished, suffix);
        match disk::open_unused(&exists::beside(source, suffix))? {
            Some(from) => disk::copy_private(from, &to).and_then(|()| disk::sync_file(&to)),
            None if suffix.is_empty() => disk::create_private(&to),
            None => Ok(()),
        }
    });
    if let Err(error) = made {
        // The first error counts; what is left is cleared by the next attempt, too.
        let _cleared = clear(&unfinished);
        return Err(error);
    }
    // The database comes last: where it has its name, the copy is whole.
    for suffix in FILES.into_iter().rev() {
        let (from, to) = (exists::beside(&unfinished, suffix), exists::beside(&copy, suffix));
        if from.exists() {
            match disk::publish(&from, &to)? {
                Published::Done | Published::Taken => {}
            }
        }
    }
    let mut copies = copies(board);
    copies.retain(|other| *other != copy);
    let excess = (copies.len() + 1).saturating_sub(KEPT);
    copies.iter().take(excess).try_for_each(|old| clear(old))?;
    Ok(copy)
}

/// The copies beside a board, oldest first. Only names that this program gives count.
pub(crate) fn copies(board: &Path) -> Vec<PathBuf> {
    let Some(name) = board.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let beginning = format!("{name}{BROKEN}");
    let is_copy = |found: &str| {
        let digits = found.strip_prefix(&beginning).and_then(|it| it.strip_suffix(exists::BACKUP));
        digits.is_some_and(|it| it.len() == 32 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let entries = std::fs::read_dir(exists::directory(board)).into_iter().flatten();
    let mut found: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_copy))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// Removes a copy of ours.
fn clear(copy: &Path) -> Result<(), StoreError> {
    FILES.iter().try_for_each(|suffix| disk::remove_ours(&exists::beside(copy, suffix)))
}

/// What the files add up to (FNV-1a, 128 bits): other content hardly ever gives the same number.
fn sum(source: &Path) -> Result<u128, StoreError> {
    let mut sum = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    for suffix in FILES {
        let path = exists::beside(source, suffix);
        let Some(file) = disk::open_unused(&path)? else { continue };
        add(&mut sum, suffix.as_bytes());
        add_file(&mut sum, file).map_err(|error| StoreError::Unavailable {
            doing: "read the broken board",
            why: format!("{}: {error}", path.display()),
            hint: None,
        })?;
    }
    Ok(sum)
}

fn add(sum: &mut u128, bytes: &[u8]) {
    for byte in bytes {
        *sum = (*sum ^ u128::from(*byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013B);
    }
}

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;

fn add_file(sum: &mut u128, mut file: File) -> io::Result<()> {
    add(sum, &file.metadata()?.len().to_be_bytes());
    let mut bytes = vec![0; CHUNK];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(()),
            count => add(sum, &bytes[..count]),
        }
    }
}
