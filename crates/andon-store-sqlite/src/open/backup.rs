//! Copies a board before it is migrated, by SQLite's own means, and checks the copy. It must not
//! touch the board.

use super::{OpenOptions, disk};
use crate::check::{Depth, Verdict, check};
use crate::{connect, exists, fault};
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

const DOING: &str = "copy the board before migrating it";

/// Makes the copy, verified and synced, and removes the one of an earlier attempt.
pub(super) fn make(path: &Path, options: &OpenOptions) -> Result<PathBuf, StoreError> {
    let unfinished = exists::beside(path, UNFINISHED);
    clear(&unfinished)?;
    disk::create_private(&unfinished)?;
    let copied = copy(path, &unfinished, options).and_then(|()| verify(&unfinished));
    if let Err(error) = copied {
        // The first error counts; what is left of the copy is cleared by the next attempt, too.
        let _cleared = clear(&unfinished);
        return Err(error);
    }
    disk::sync_file(&unfinished)?;
    let earlier = exists::backups(path);
    let name = format!("{}{}{}", exists::BEFORE, options.now.0, exists::BACKUP);
    let backup = exists::beside(path, &name);
    disk::remove_ours(&backup)?;
    if disk::publish(&unfinished, &backup)? == disk::Published::Taken {
        return Err(StoreError::Internal(format!("{} cannot be replaced", backup.display())));
    }
    // The board did not change in a failed attempt, so the new copy holds all that the old one did.
    for old in earlier.iter().filter(|old| **old != backup) {
        disk::remove_ours(old)?;
    }
    Ok(backup)
}

fn clear(unfinished: &Path) -> Result<(), StoreError> {
    ["", exists::WAL, exists::SHM, "-journal"]
        .iter()
        .try_for_each(|suffix| disk::remove_ours(&exists::beside(unfinished, suffix)))
}

fn copy(path: &Path, unfinished: &Path, options: &OpenOptions) -> Result<(), StoreError> {
    let failed = |error| fault::of(DOING, error);
    let source = connect::open_file(path, &options.connect)?;
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

fn verify(unfinished: &Path) -> Result<(), StoreError> {
    let mut copy = open_copy(unfinished)?;
    match check(&mut copy, Depth::Quick, CHECK_MAX)? {
        Verdict::Sound => copy.close().map_err(|(_, error)| fault::of(DOING, error)),
        Verdict::Damaged(findings) => {
            let first = findings.first().map_or("no finding", String::as_str);
            Err(StoreError::Corrupt(CorruptWhat::File(format!(
                "it was not migrated, because a check found: {first}"
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
