//! Puts a finished file into a board's place. What was there is moved aside, all its files
//! together, and nothing is deleted.
//!
//! A database without its log has lost commits, and one with another's log is damaged. So the
//! database goes first, to a name that says that its log is still to come; with it gone, nobody
//! opens anything. Each step is on the disk before the next one; whoever dies in between is
//! followed by somebody who finishes it. The caller holds the locks of first opens and of writers,
//! and has seen that nobody uses the board.

use crate::disk::{self, Published};
use crate::exists::{self, JOURNAL, SHM, WAL};
use andon_core::time::Timestamp;
use andon_store::{Hint, StoreError};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Behind the name of a database that was moved aside and whose log was not yet.
const MOVING: &str = ".moving";

/// Files that belong to a database, and are worthless or dangerous beside another one.
const BELONGINGS: [&str; 3] = [WAL, JOURNAL, SHM];

/// Boards moved aside within one second.
const SAME_SECOND_MAX: u32 = 1_000;

/// Puts the finished file, synced and without anything beside it, into the board's place. What is
/// there is moved to `aside`, a free name. Says whether anything was.
pub(crate) fn replace(
    board: &Path,
    finished: &Path,
    aside: &Path,
) -> Result<Option<PathBuf>, StoreError> {
    let moved = move_aside(board, aside)?;
    point("replace.moved-aside", board)?;
    match disk::publish(finished, board)? {
        Published::Done => Ok(moved),
        Published::Taken => Err(StoreError::Replaced {
            path: board.to_owned(),
            why: "another program made a file in its place; what was there lies beside it".into(),
        }),
    }
}

/// A free name for what was there.
pub(crate) fn aside(
    board: &Path,
    now: Timestamp,
    doing: &'static str,
) -> Result<PathBuf, StoreError> {
    let name = |nth| exists::beside(board, &exists::copy_name(exists::REPLACED, now, nth));
    let is_free = |path: &PathBuf| {
        ["", exists::WAL, exists::SHM, exists::JOURNAL]
            .iter()
            .all(|suffix| rustix::fs::lstat(exists::beside(path, suffix)).is_err())
    };
    (1..=SAME_SECOND_MAX).map(name).find(is_free).ok_or_else(|| StoreError::Unavailable {
        doing,
        why: format!("{SAME_SECOND_MAX} boards were moved aside within one second"),
        hint: None,
    })
}

/// Moves a board out of the way with everything that belongs to it.
fn move_aside(board: &Path, aside: &Path) -> Result<Option<PathBuf>, StoreError> {
    let moving = exists::beside(aside, MOVING);
    let has_database = is_there(board);
    if andon_faults::planted("replace.log-first") {
        move_belongings(board, aside)?;
    }
    if has_database {
        rename(board, &moving)?;
        point("replace.moved-database", board)?;
    }
    let belongings = move_belongings(board, aside)?;
    point("replace.moved-belongings", board)?;
    if has_database {
        rename(&moving, aside)?;
    }
    Ok((has_database || belongings > 0).then(|| aside.to_owned()))
}

fn move_belongings(board: &Path, aside: &Path) -> Result<usize, StoreError> {
    let mut moved = 0;
    if andon_faults::planted("replace.log-stays") {
        return Ok(moved);
    }
    for suffix in BELONGINGS {
        let from = exists::beside(board, suffix);
        if is_there(&from) {
            rename(&from, &exists::beside(aside, suffix))?;
            moved += 1;
        }
    }
    Ok(moved)
}

/// Finishes what somebody began who died: the log of a database that was moved aside goes after it.
pub(crate) fn finish(board: &Path) -> Result<(), StoreError> {
    let stays = andon_faults::planted("replace.unfinished-stays");
    for moving in unfinished(board).into_iter().filter(|_| !stays) {
        let name = moving.as_os_str().as_bytes();
        let name = name.strip_suffix(MOVING.as_bytes()).unwrap_or(name);
        let aside = PathBuf::from(OsStr::from_bytes(name));
        // A database that is there by now has files of its own.
        if !is_there(board) {
            move_belongings(board, &aside)?;
        }
        rename(&moving, &aside)?;
    }
    Ok(())
}

/// Databases that were moved aside without their logs.
pub(crate) fn unfinished(board: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(exists::directory(board));
    let entries = entries.into_iter().flatten().filter_map(Result::ok);
    // Only a name that is given here counts: a board may be called like another one and more.
    let is_moving = |path: &PathBuf| {
        let aside = path.to_str().and_then(|path| path.strip_suffix(MOVING)).map(Path::new);
        aside.is_some_and(|aside| exists::copied_at(board, exists::REPLACED, aside).is_some())
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_moving).collect();
    found.sort();
    found
}

fn is_there(path: &Path) -> bool {
    rustix::fs::lstat(path).is_ok()
}

/// To a free name, and on the disk.
fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    match disk::publish(from, to)? {
        Published::Done => Ok(()),
        Published::Taken => Err(StoreError::Unavailable {
            doing: "move the board aside",
            why: format!("there is a file {} already", to.display()),
            hint: Some(Hint("move that file elsewhere, and try again".to_owned())),
        }),
    }
}

/// A named place at which tests interfere.
fn point(name: &'static str, board: &Path) -> Result<(), StoreError> {
    andon_faults::reach_at(name, board).map_err(|error| StoreError::Unavailable {
        doing: "replace the board",
        why: error.to_string(),
        hint: None,
    })
}
