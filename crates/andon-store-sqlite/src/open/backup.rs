//! Copies a board before it is changed as a whole, by SQLite's own means, and checks the copy. It
//! must not touch the board.

use super::disk;
use crate::check::{Depth, Verdict, check, is_of_index};
use crate::connect::{self, ConnectOptions};
use crate::{exists, fault};
use andon_core::time::Timestamp;
use andon_store::{CorruptWhat, Hint, StoreError};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// While it is being written. There is only one, under the init lock.
const UNFINISHED: &str = ".before-andon.new";
/// A copy of a gigabyte is checked in some seconds; more than this means a broken disk.
const CHECK_MAX: Duration = Duration::from_secs(300);
/// Everything in one step: the caller keeps writers away, so nothing is gained by pausing.
const ALL_PAGES: i32 = -1;

const DOING: &str = "copy the board before changing it";

/// What copies of a kind are called, and how many of them stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Series {
    beginning: &'static str,
    kept: usize,
    bears: Bears,
}

/// What a copy may have and still be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bears {
    Nothing,
    /// Indexes that differ from their tables: the copy is made because of them.
    WrongIndexes,
}

/// Before a migration. A failed attempt changed nothing, so the next one's copy holds all that the
/// one before did.
pub(crate) const BEFORE_MIGRATION: Series =
    Series { beginning: exists::BEFORE, kept: 1, bears: Bears::Nothing };
/// Before mending. More than a few are of no use to anybody, and each is as large as the board.
pub(crate) const BEFORE_MENDING: Series =
    Series { beginning: exists::BEFORE_MENDING, kept: 3, bears: Bears::WrongIndexes };

/// Makes the copy, verified and synced, and removes the oldest ones of its series. The caller holds
/// the init lock, and keeps writers away.
pub(crate) fn make(
    path: &Path,
    connect: &ConnectOptions,
    now: Timestamp,
    series: Series,
) -> Result<PathBuf, StoreError> {
    let unfinished = exists::beside(path, UNFINISHED);
    clear(&unfinished)?;
    disk::create_private(&unfinished)?;
    let copied = copy(path, &unfinished, connect).and_then(|()| verify(&unfinished, series));
    if let Err(error) = copied {
        // The first error counts; what is left of the copy is cleared by the next attempt, too.
        let _cleared = clear(&unfinished);
        return Err(error);
    }
    disk::sync_file(&unfinished)?;
    let earlier = exists::copies(path, series.beginning);
    let name = format!("{}{}{}", series.beginning, now.0, exists::BACKUP);
    let backup = exists::beside(path, &name);
    disk::remove_ours(&backup)?;
    if disk::publish(&unfinished, &backup)? == disk::Published::Taken {
        return Err(StoreError::Internal(format!("{} cannot be replaced", backup.display())));
    }
    let earlier: Vec<&PathBuf> = earlier.iter().filter(|old| **old != backup).collect();
    let excess = (earlier.len() + 1).saturating_sub(series.kept);
    for old in earlier.into_iter().take(excess) {
        disk::remove_ours(old)?;
    }
    Ok(backup)
}

fn clear(unfinished: &Path) -> Result<(), StoreError> {
    ["", exists::WAL, exists::SHM, exists::JOURNAL]
        .iter()
        .try_for_each(|suffix| disk::remove_ours(&exists::beside(unfinished, suffix)))
}

fn copy(path: &Path, unfinished: &Path, options: &ConnectOptions) -> Result<(), StoreError> {
    let failed = |error| fault::of(DOING, error);
    let source = connect::open_file(path, options)?;
    let mut target = open_copy(unfinished)?;
    let step = {
        let backup = Backup::new(&source, &mut target).map_err(failed)?;
        backup.step(ALL_PAGES).map_err(failed)?
    };
    if step != StepResult::Done {
        return Err(StoreError::Busy { doing: DOING, waited_ms: 0, holder: Default::default() });
    }
    target.close().map_err(|(_, error)| failed(error))
}

fn verify(unfinished: &Path, series: Series) -> Result<(), StoreError> {
    let mut copy = open_copy(unfinished)?;
    let verdict = check(&mut copy, Depth::Quick, CHECK_MAX)?;
    let closed = || copy.close().map_err(|(_, error)| fault::of(DOING, error));
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
            doing: DOING,
            why: format!("the check took more than {} s", CHECK_MAX.as_secs()),
            hint: Some(Hint("see whether the disk is healthy, and try again".to_owned())),
        }),
    }
}

/// The copy is ours alone: closing it may move its log into it.
fn open_copy(unfinished: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(unfinished, flags).map_err(|error| fault::of(DOING, error))
}
