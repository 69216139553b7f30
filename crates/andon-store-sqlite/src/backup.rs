//! Copies of a board, made by SQLite's own means and checked before they count: one before a board
//! is changed as a whole, and those that are kept in case something happens. It must not touch the
//! board.

mod copy;
mod kept;

pub use kept::{BackedUp, Backup, Keep, back_up, backups, find_backup};

use crate::check::{Depth, Verdict, check, is_of_index};
use crate::connect::ConnectOptions;
use crate::{disk, exists, fault};
use andon_core::time::Timestamp;
use andon_store::{CorruptWhat, Hint, StoreError};
pub(crate) use copy::{copy, copy_from, open_copy, open_sealed};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A copy of a gigabyte is checked in some seconds; more than this means a broken disk.
const CHECK_MAX: Duration = Duration::from_secs(300);
/// Copies of one kind made within one second, the first of them included.
const SAME_SECOND_MAX: u32 = 1_000;

/// What copies of a kind are called, how many of them stay, and what is said of making them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Series {
    /// While a copy is being written. There is only one: whoever makes it holds a lock.
    unfinished: &'static str,
    beginning: &'static str,
    kept: usize,
    bears: Bears,
    doing: &'static str,
}

/// What a copy may have and still be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bears {
    Nothing,
    /// Indexes that differ from their tables. No row is missing from such a copy.
    WrongIndexes,
}

const BEFORE_A_CHANGE: &str = "copy the board before changing it";

/// Before a migration. A failed attempt changed nothing, so the next one's copy holds all that the
/// one before did.
pub(crate) const BEFORE_MIGRATION: Series = Series {
    unfinished: ".before-andon.new",
    beginning: exists::BEFORE,
    kept: 1,
    bears: Bears::Nothing,
    doing: BEFORE_A_CHANGE,
};
/// Before mending. More than a few are of no use to anybody, and each is as large as the board.
pub(crate) const BEFORE_MENDING: Series = Series {
    unfinished: ".before-andon.new",
    beginning: exists::BEFORE_MENDING,
    kept: 3,
    bears: Bears::WrongIndexes,
    doing: BEFORE_A_CHANGE,
};

/// What came of making a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// The copy.
    pub(crate) path: PathBuf,
    /// Older copies of the series that were removed for it.
    pub(crate) removed: Vec<PathBuf>,
}

/// Copies the board, verified and synced, to a name of the series that begins with `base`; then
/// removes the oldest ones of the series. The caller holds a lock under which nobody else makes
/// copies there.
pub(crate) fn make(
    board: &Path,
    base: &Path,
    connect: &ConnectOptions,
    now: Timestamp,
    series: Series,
) -> Result<Made, StoreError> {
    if andon_faults::planted("backup.older-first") {
        remove_older(base, series, None)?;
    }
    let unfinished = exists::beside(base, series.unfinished);
    clear(&unfinished)?;
    disk::create_private(&unfinished)?;
    let copied = copy(board, &unfinished, connect, series.doing)
        .and_then(|()| point("backup.copied", &unfinished))
        .and_then(|()| verify(&unfinished, series))
        .and_then(|()| disk::sync_file(&unfinished))
        .and_then(|()| publish(&unfinished, base, now, series));
    let path = match copied {
        Ok(path) => path,
        Err(error) => {
            // The first error counts; what is left of the copy is cleared by the next attempt, too.
            let _cleared = clear(&unfinished);
            return Err(error);
        }
    };
    point("backup.published", &path)?;
    let removed = remove_older(base, series, Some(&path))?;
    Ok(Made { path, removed })
}

/// Removes the oldest copies of a series that are too many beside the one that was made last.
fn remove_older(
    base: &Path,
    series: Series,
    made: Option<&Path>,
) -> Result<Vec<PathBuf>, StoreError> {
    let mut earlier = exists::copies(base, series.beginning);
    earlier.retain(|old| Some(old.as_path()) != made);
    earlier.truncate((earlier.len() + 1).saturating_sub(series.kept));
    earlier.iter().try_for_each(|old| disk::remove_ours(old))?;
    Ok(earlier)
}

/// Gives the copy the first free name of this second.
fn publish(
    unfinished: &Path,
    base: &Path,
    now: Timestamp,
    series: Series,
) -> Result<PathBuf, StoreError> {
    for nth in 1..=SAME_SECOND_MAX {
        let name = exists::copy_name(series.beginning, now, nth);
        let path = exists::beside(base, &name);
        match disk::publish(unfinished, &path)? {
            disk::Published::Done => return Ok(path),
            disk::Published::Taken => {}
        }
    }
    Err(StoreError::Unavailable {
        doing: series.doing,
        why: format!("{SAME_SECOND_MAX} copies were made within one second"),
        hint: None,
    })
}

/// Removes a file of ours with everything that SQLite put beside it.
pub(crate) fn clear(unfinished: &Path) -> Result<(), StoreError> {
    ["", exists::WAL, exists::SHM, exists::JOURNAL]
        .iter()
        .try_for_each(|suffix| disk::remove_ours(&exists::beside(unfinished, suffix)))
}

fn verify(unfinished: &Path, series: Series) -> Result<(), StoreError> {
    let mut copy = open_copy(unfinished, series.doing)?;
    let verdict = check(&mut copy, Depth::Quick, CHECK_MAX)?;
    let closed = || copy.close().map_err(|(_, error)| fault::of(series.doing, error));
    match verdict {
        Verdict::Sound => closed(),
        Verdict::Damaged(findings)
            if series.bears == Bears::WrongIndexes
                && findings.iter().all(|finding| is_of_index(finding)) =>
        {
            closed()
        }
        Verdict::Damaged(findings) => {
            let first = findings.first().map_or("no finding", String::as_str);
            Err(StoreError::Corrupt(CorruptWhat::File(format!(
                "nothing was changed, because a check of the copy found: {first}"
            ))))
        }
        Verdict::OutOfTime => Err(StoreError::Unavailable {
            doing: series.doing,
            why: format!("the check took more than {} s", CHECK_MAX.as_secs()),
            hint: Some(Hint("see whether the disk is healthy, and try again".to_owned())),
        }),
    }
}

/// A named place at which tests interfere.
pub(crate) fn point(name: &'static str, path: &Path) -> Result<(), StoreError> {
    andon_faults::reach_at(name, path).map_err(|error| StoreError::Unavailable {
        doing: "copy the board",
        why: error.to_string(),
        hint: None,
    })
}

#[cfg(test)]
mod tests;
