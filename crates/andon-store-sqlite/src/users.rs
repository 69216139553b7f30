//! Who has a board's files open, as the kernel tells: a board is not replaced under anybody. It
//! must not open the files.

use crate::exists;
use andon_proc::lock_table::{self, Kind};
use andon_proc::{open_files, process};
use andon_store::{Hint, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// Files that whoever uses a board has open.
const FILES: [&str; 4] = ["", exists::WAL, exists::SHM, exists::JOURNAL];

/// How our own program is called in the kernel's list.
const OWN_PROGRAM: &str = "andon";

/// Processes that are named in a message; the others are counted.
const NAMED_MAX: usize = 5;

/// A process that uses a board.
#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    /// None where it is out of sight: another user's, or in another container.
    pid: Option<i32>,
    program: Option<String>,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.pid, &self.program) {
            (Some(pid), Some(program)) => write!(f, "process {pid} ({program})"),
            (Some(pid), None) => write!(f, "process {pid}"),
            (None, _) => f.write_str("a process that this user may not look into"),
        }
    }
}

/// Who uses the board at a path, in words: `process 4711 (andon) has … open`. None if nobody does.
pub fn users(board: &Path) -> Result<Option<String>, StoreError> {
    match exists::locate(board) {
        Ok(board) => told(&board, "see who uses the board"),
        // What is not there is open nowhere.
        Err(StoreError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Refuses to go on while anybody uses the board.
pub(crate) fn require_unused(board: &Path, doing: &'static str) -> Result<(), StoreError> {
    match told(board, doing)? {
        None => Ok(()),
        Some(why) => {
            let hint = Some(Hint("end what uses the board, and try again".to_owned()));
            Err(StoreError::Unavailable { doing, why, hint })
        }
    }
}

fn told(board: &Path, doing: &'static str) -> Result<Option<String>, StoreError> {
    let failed = |error| {
        let why = format!("/proc cannot be read: {error}");
        StoreError::Unavailable { doing, why, hint: None }
    };
    let users = find(board).map_err(failed)?;
    if users.is_empty() {
        return Ok(None);
    }
    let named: Vec<String> = users.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    let more = match users.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let has = if users.len() == 1 { "has" } else { "have" };
    Ok(Some(format!("{}{more} {has} {} open", named.join(", "), board.display())))
}

/// Everybody who uses the board. A process of ours that only guards it, as a dispatcher does whose
/// board is in quarantine, is none: it reads and writes nothing.
fn find(board: &Path) -> std::io::Result<Vec<User>> {
    let files = FILES.map(|suffix| exists::beside(board, suffix));
    let open = open_files::find(|path| files.iter().any(|file| file == path))?;
    let mut by_process: BTreeMap<i32, BTreeSet<PathBuf>> = BTreeMap::new();
    for file in open.found {
        by_process.entry(file.pid).or_default().insert(file.path);
    }
    let mut lockers = BTreeSet::new();
    let mut is_locked_out_of_sight = false;
    for file in &files {
        // A file that is not there has no locks.
        for lock in lock_table::of(file).unwrap_or_default() {
            match lock.pid {
                Some(pid) => drop(lockers.insert(pid)),
                None if lock.kind == Kind::Posix => is_locked_out_of_sight = true,
                None => {}
            }
        }
    }
    let log = &files[1];
    let only_guards = |pid: i32, files: &BTreeSet<PathBuf>| {
        !files.contains(log)
            && !lockers.contains(&pid)
            && (pid == own_pid() || process::program(pid).as_deref() == Some(OWN_PROGRAM))
    };
    let in_sight = by_process.iter().filter(|(pid, files)| !only_guards(**pid, files));
    let pids: BTreeSet<i32> =
        in_sight.map(|(pid, _)| *pid).chain(lockers.iter().copied()).collect();
    let mut users: Vec<User> = pids
        .into_iter()
        .map(|pid| User { pid: Some(pid), program: process::program(pid) })
        .collect();
    if is_locked_out_of_sight {
        users.push(User { pid: None, program: None });
    }
    Ok(users)
}

fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_pid()
}

#[cfg(test)]
mod tests;
