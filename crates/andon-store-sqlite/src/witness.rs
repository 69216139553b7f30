//! What the index of a log bears witness of: how far the log counted when it was last in use.
//!
//! Whoever is the first to open a board makes the index anew from the log as it finds it. A log
//! that was lost, cut, exchanged or damaged meanwhile then counts as far as it reaches, silently,
//! and the next write takes the place of what was lost. So the first one looks before: whether the
//! log is what its index says; and where no index says anything, whether it goes on behind damage.
//!
//! Nothing is refused that SQLite, a kill or a power cut may have left. An index proves something
//! only if it is of this run of the machine, and no older than what was last done to the database:
//! a program that uses a board alone keeps its index in memory and leaves the old one there. What
//! stands behind the end that an index tells is no damage: there a cut, or a commit that failed,
//! has left what later ones did not cover.
//!
//! Looks are raw reads. Descriptors of index and database are never closed, because closing any
//! would cancel SQLite's locks; on a log SQLite takes none. Nothing is written.

mod head;

use crate::exists::{self, SHM, WAL};
use crate::guard;
use crate::salvage::{self, Broken, Extent, LogUse};
use andon_store::{Hint, StoreError};
use head::Head;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, statx};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How often a look is repeated that others disturbed.
const LOOKS_MAX: u32 = 3;

/// Looks before a connection is opened, as everybody does who opens a board. Refuses a log that
/// lacks what its index tells of, goes on behind damage, or belongs to another database. Where
/// somebody has the board open, the first one has looked.
pub fn look(board: &Path) -> Result<(), StoreError> {
    for _ in 0..LOOKS_MAX {
        let before = Glimpse::of(board)?;
        if before.is_in_use {
            return Ok(());
        }
        let Some(why) = trouble(board, before.head)? else { return Ok(()) };
        // Somebody may have begun meanwhile: what was seen was on its way.
        if Glimpse::of(board)? == before {
            return Err(refused(board, why));
        }
    }
    Ok(())
}

/// What tells whether anybody was at work between two looks.
#[derive(Debug, PartialEq, Eq)]
struct Glimpse {
    is_in_use: bool,
    head: Option<Head>,
    log_bytes: Option<u64>,
}

impl Glimpse {
    fn of(board: &Path) -> Result<Self, StoreError> {
        let log_bytes = bytes(&exists::beside(board, WAL));
        let index = exists::beside(board, SHM);
        let is_used = bytes(&index).is_some_and(|bytes| bytes >= head::BYTES);
        let index = if is_used { guard::forever(&index)? } else { None };
        let Some(index) = index else {
            return Ok(Self { is_in_use: false, head: None, log_bytes });
        };
        let is_in_use = guard::is_index_in_use(&index)?;
        Ok(Self { is_in_use, head: Head::read(&index), log_bytes })
    }
}

/// What the index says of the log.
enum Told {
    /// Nothing.
    Nothing,
    /// It is the one that it tells of, and has all of it.
    Same,
    /// It is that one, and lacks something.
    Lost(String),
    /// It is another one, and the one that it tells of is needed.
    Other,
}

impl Told {
    fn of(head: &Head, extent: Option<&Extent>, bytes: u64) -> Self {
        let needs_log = head.needs_log();
        match extent {
            None if !needs_log => Self::Nothing,
            None if bytes < salvage::LOG_HEADER as u64 => Self::Lost(lacks(head, "is cut")),
            None => Self::Lost(lacks(head, "is damaged")),
            Some(_) if head.frames == 0 => Self::Nothing,
            Some(extent) if extent.salts() != head.salts => {
                if needs_log {
                    Self::Other
                } else {
                    Self::Nothing
                }
            }
            // SQLite reads a page from it that the database has in a newer state, even where all
            // of it was moved.
            Some(extent) if extent.frames() < head.frames as usize => {
                Self::Lost(lacks(head, "is cut"))
            }
            Some(extent) if extent.is_good_up_to(head.frames as usize, head.sum) => Self::Same,
            Some(_) => Self::Lost(lacks(head, "is damaged")),
        }
    }
}

fn lacks(head: &Head, what: &str) -> String {
    if head.needs_log() {
        let pages = head.unmoved();
        format!(
            "its log {what}, and lacks commits that the database does not have yet: {pages} pages"
        )
    } else {
        format!("its log {what}, and would hide newer pages of the database")
    }
}

/// What is wrong with the log.
fn trouble(board: &Path, head: Option<Head>) -> Result<Option<String>, StoreError> {
    let log = open_log(board)?;
    let has_log = log.is_some();
    let bytes = log.as_ref().map_or(0, |log| exists::size_of(log).unwrap_or(0));
    let Some(log) = log.filter(|_| bytes > 0) else {
        let lost = head
            .filter(Head::needs_log)
            .map(|head| lacks(&head, if has_log { "is cut" } else { "is missing" }));
        return Ok(lost.filter(|_| is_of_now(board)));
    };
    // What cannot be read proves nothing; SQLite will say why it cannot.
    let Ok(extent) = Extent::of(&log) else { return Ok(None) };
    let told = head.as_ref().map_or(Told::Nothing, |head| Told::of(head, extent.as_ref(), bytes));
    match told {
        Told::Same => return looks_foreign(board, log, extent.as_ref()),
        Told::Lost(why) if is_of_now(board) => return Ok(Some(why)),
        Told::Other if is_of_now(board) => return judged(board, log),
        Told::Nothing | Told::Lost(_) | Told::Other => {}
    }
    if extent.as_ref().is_some_and(|extent| !extent.goes_on()) {
        return looks_foreign(board, log, extent.as_ref());
    }
    let is_done_with = head.is_some_and(|head| head.frames == 0) && is_of_now(board);
    // Programs that sync at checkpoints alone leave gaps at a power cut, and that is no damage.
    if is_done_with || !is_of_this_run(&exists::beside(board, WAL)) {
        return Ok(None);
    }
    judged(board, log)
}

const FOREIGN: &str = "its log belongs to another database";

/// Compares rows of log and database: at a few pages first, and if these differ, at all of them.
fn looks_foreign(
    board: &Path,
    log: File,
    extent: Option<&Extent>,
) -> Result<Option<String>, StoreError> {
    let Some(extent) = extent.filter(|extent| extent.counted() > 0) else { return Ok(None) };
    let Some(database) = guard::forever(board)? else { return Ok(None) };
    let looks_so = salvage::looks_foreign(database, &log, extent.counted(), extent.page());
    // What cannot be read proves nothing.
    if looks_so.unwrap_or(false) { judged(board, log) } else { Ok(None) }
}

fn judged(board: &Path, log: File) -> Result<Option<String>, StoreError> {
    let Some(database) = guard::forever(board)? else { return Ok(None) };
    let judged = salvage::judge_log(Broken { database: Box::new(database), log: Some(log) })?;
    Ok(match judged {
        LogUse::Damaged { .. } => {
            Some("its log goes on behind a place at which it is damaged".to_owned())
        }
        LogUse::Foreign => Some(FOREIGN.to_owned()),
        LogUse::Nothing | LogUse::Whole { .. } => None,
    })
}

/// Bytes of a file, if it is there.
fn bytes(path: &Path) -> Option<u64> {
    // Times must not be asked for, see `guard`.
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::SIZE);
    found.ok().map(|found| found.stx_size)
}

/// How long the kernel may put off the time of a file that is written through memory: until it
/// writes the page, half a minute as a rule.
const TIME_LAG: Duration = Duration::from_secs(120);

/// Whether the index was the last one that was used: written in this run of the machine, and not
/// long before the database was.
fn is_of_now(board: &Path) -> bool {
    let index = exists::beside(board, SHM);
    let (Some(of_index), Some(of_database)) = (written(&index), written(board)) else {
        return is_of_this_run(&index);
    };
    is_of_this_run(&index) && of_database <= of_index + TIME_LAG
}

/// Whether a file was written since the machine was started: power may be lost between the write
/// of one file and that of another. Where the clock was set back, nobody knows.
fn is_of_this_run(path: &Path) -> bool {
    let up = Duration::from_secs(u64::try_from(rustix::system::sysinfo().uptime).unwrap_or(0));
    let now = SystemTime::now();
    let started = now.checked_sub(up);
    written(path).is_some_and(|at| started.is_some_and(|started| at > started) && at <= now)
}

/// When a file was written. To be asked only where something is wrong, see `guard`.
fn written(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|found| found.modified()).ok()
}

#[expect(clippy::disallowed_methods, reason = "SQLite takes no lock on a log that a close cancels")]
fn open_log(board: &Path) -> Result<Option<File>, StoreError> {
    let path = exists::beside(board, WAL);
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    match rustix::fs::open(&path, flags, Mode::empty()) {
        Ok(log) => Ok(Some(File::from(log))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(crate::filesystem::denied(&path, &path, errno)),
    }
}

fn refused(board: &Path, why: String) -> StoreError {
    StoreError::Refused {
        path: board.to_owned(),
        why,
        hint: Some(Hint(
            "put the log back if it was moved; or restore the board with `andon restore latest`, \
             or save what is readable into a new file with `andon repair`"
                .to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests;
