//! Puts a backup into a board's place. The backup is copied and checked before anything is touched;
//! a board that is in order stays, unless the caller says that it is to be moved aside.

use crate::backup::{self, copy_from, open_copy, open_sealed};
use crate::check::{Depth, Verdict, check, is_of_index};
use crate::connect::ConnectOptions;
use crate::exists::{self, Finding};
use crate::inspect::{Inspection, Schema, schema_of};
use crate::lock::{InitLock, WriterLock};
use crate::open::refuse;
use crate::{disk, fault, filesystem, repair, replace, users, version};
use andon_core::time::Timestamp;
use andon_store::{CorruptWhat, Hint, StoreError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a restore waits for those who write or open the board.
const WAIT: Duration = Duration::from_secs(10);
/// Longest check of a backup, or of what is in its way. Some gigabytes on a slow disk.
const CHECK_MAX: Duration = Duration::from_secs(600);
/// The new board until it is complete. There is only one, under the lock of first opens.
const UNFINISHED: &str = ".restored-andon.new";

const DOING: &str = "restore the board";

/// What becomes of a board that is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoodBoard {
    /// It stays, and the call fails.
    Stays,
    /// It is moved aside.
    GoesAside,
}

/// A board that was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The board, all links followed.
    pub board: PathBuf,
    /// The backup.
    pub from: PathBuf,
    /// Tasks on the board now.
    pub tasks: u64,
    /// What was there before, if anything was; its log, if any, lies beside it.
    pub aside: Option<PathBuf>,
}

/// Puts a backup into the place of the board at a path, which need not be there.
pub fn restore(
    board: &Path,
    backup: &Path,
    good: GoodBoard,
    now: Timestamp,
) -> Result<Restored, StoreError> {
    version::require_sound()?;
    let from = exists::locate(backup)?;
    exists::refuse(&from, &exists::look(&from)?)?;
    disk::make_directory(board)?;
    let board = exists::locate(board)?;
    filesystem::require_local(&board, exists::directory(&board), filesystem::probe_kernel)?;
    if let found @ Finding::NotAFile { .. } = exists::look(&board)? {
        exists::refuse(&board, &found)?;
    }
    require_another(&board, &from)?;
    users::require_unused(&board, DOING)?;
    let _init = InitLock::acquire(&board, WAIT)?;
    let queue = WriterLock::open(&board)?;
    let _turn = queue.lock_within(WAIT, DOING)?;
    replace::finish(&board)?;
    let unfinished = exists::beside(&board, UNFINISHED);
    let replaced = prepare(&from, &unfinished).and_then(|tasks| {
        backup::point("restore.prepared", &unfinished)?;
        if good == GoodBoard::Stays {
            require_replaceable(&board)?;
        }
        users::require_unused(&board, DOING)?;
        // It ends a repair that was cut short: the next one is about the board that comes now.
        backup::clear(&exists::beside(&board, repair::UNFINISHED))?;
        let aside = replace::replace(&board, &unfinished, &replace::aside(&board, now, DOING)?)?;
        Ok(Restored { board: board.clone(), from: from.clone(), tasks, aside })
    });
    if replaced.is_err() {
        // The first error counts; what stays is cleared by the next one who restores.
        let _cleared = backup::clear(&unfinished);
    }
    replaced
}

/// A board cannot be its own backup.
fn require_another(board: &Path, from: &Path) -> Result<(), StoreError> {
    let inode = |path: &Path| path.metadata().map(|found| (found.dev(), found.ino())).ok();
    if inode(board).is_some() && inode(board) == inode(from) {
        return Err(StoreError::Refused {
            path: from.to_owned(),
            why: "it is the board itself".to_owned(),
            hint: Some(Hint("see `andon backup list`".to_owned())),
        });
    }
    Ok(())
}

/// Copies the backup to a file beside the board, checks it, and counts its tasks.
fn prepare(from: &Path, unfinished: &Path) -> Result<u64, StoreError> {
    backup::clear(unfinished)?;
    let source = open_sealed(from, &ConnectOptions { busy: WAIT })?;
    let schema = schema_of(&source).map_err(|error| refuse::unreadable(from, &source, error))?;
    match schema {
        Schema::Current | Schema::Peer => {}
        Schema::NoBoard => return Err(refuse::without_tasks(from)),
        Schema::Newer { version } => return Err(refuse::newer(from, version)),
        Schema::Foreign { application_id, version } => {
            return Err(refuse::foreign(from, application_id, version));
        }
    }
    disk::create_private(unfinished)?;
    copy_from(&source, unfinished, DOING)?;
    let mut copy = open_copy(unfinished, DOING)?;
    let failed = |error| fault::of(DOING, error);
    let mut verdict = check(&mut copy, Depth::Full, CHECK_MAX)?;
    if let Verdict::Damaged(findings) = &verdict
        && findings.iter().all(|finding| is_of_index(finding))
    {
        copy.execute_batch("REINDEX").map_err(failed)?;
        verdict = check(&mut copy, Depth::Full, CHECK_MAX)?;
    }
    match verdict {
        Verdict::Sound => {}
        Verdict::Damaged(findings) => {
            let first = findings.into_iter().next().unwrap_or_default();
            let why = format!("nothing was changed, because the backup is damaged: {first}");
            return Err(StoreError::Corrupt(CorruptWhat::File(why)));
        }
        Verdict::OutOfTime => return Err(too_slow("the backup")),
    }
    let tasks: i64 =
        copy.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).map_err(failed)?;
    copy.close().map_err(|(_, error)| failed(error))?;
    disk::sync_file(unfinished)?;
    Ok(u64::try_from(tasks).unwrap_or(0))
}

/// Refuses if what is there is a database in order, whoever's. What is no database, or a damaged
/// one, may be moved aside.
fn require_replaceable(board: &Path) -> Result<(), StoreError> {
    match exists::look(board)? {
        Finding::Nothing | Finding::Gone { .. } | Finding::Empty => return Ok(()),
        found @ Finding::NotAFile { .. } => return exists::refuse(board, &found),
        Finding::File => {}
    }
    let judged = Inspection::open(board).and_then(|mut found| found.structure(CHECK_MAX));
    match judged {
        Ok(Verdict::Damaged(_)) | Err(StoreError::Corrupt(_) | StoreError::Refused { .. }) => {
            Ok(())
        }
        Ok(Verdict::Sound) => Err(StoreError::Refused {
            path: board.to_owned(),
            why: "the board that is there is in order, and would be replaced".to_owned(),
            hint: Some(Hint("with `--replace` it is moved aside first".to_owned())),
        }),
        Ok(Verdict::OutOfTime) => Err(too_slow("the board that is there")),
        Err(error) => Err(error),
    }
}

fn too_slow(what: &str) -> StoreError {
    StoreError::Unavailable {
        doing: DOING,
        why: format!("the check of {what} took more than {} s", CHECK_MAX.as_secs()),
        hint: Some(Hint("see whether the disk is healthy, and try again".to_owned())),
    }
}

#[cfg(test)]
mod tests;
