//! Repairs a broken board: its indexes in place, which loses nothing; everything else into a new
//! file. The broken one is kept as it is.

use crate::backup;
use crate::check::{Depth, Verdict, check, is_of_index};
use crate::exists::{self, Finding};
use crate::inspect::{Inspection, Schema};
use crate::lock::{InitLock, WriterLock};
use crate::mend::{self, Mending};
use crate::open::{create, refuse};
use crate::salvage::{self, Broken, LogUse, Salvage, salvage};
use crate::{broken, disk, fault, filesystem, replace, users, version, witness};
use andon_core::time::Timestamp;
use andon_store::{CorruptWhat, Hint, StoreError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a repair waits for those who write or open the board.
const WAIT: Duration = Duration::from_secs(10);
/// Longest check of the board, before and afterwards. Some gigabytes on a slow disk.
const CHECK_MAX: Duration = Duration::from_secs(600);
/// The new board until it is complete. There is only one, under the lock of first opens. While
/// there is one and no board, a repair is under way.
pub(crate) const UNFINISHED: &str = ".repaired-andon.new";

const DOING: &str = "repair the board";

/// A board that was repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The board, all links followed.
    pub board: PathBuf,
    /// What was wrong, the first of it.
    pub finding: String,
    /// The board as it was: a copy.
    pub copy: PathBuf,
    /// Tasks on the board now.
    pub tasks: u64,
    /// How it was repaired.
    pub how: Repair,
}

/// How a board was repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Its indexes were written anew; no row was changed.
    Reindexed,
    /// Its rows were brought over into a new file.
    Salvaged {
        /// The broken database, moved aside; its log lies beside it.
        aside: PathBuf,
        /// What could be read and what not.
        found: Salvage,
    },
}

/// What is wrong with a board.
enum Judged {
    Nothing,
    /// Only indexes differ from their tables.
    Indexes(String),
    Broken(String),
}

/// Repairs the board at a path. Refuses one that is in order.
pub fn repair(board: &Path, now: Timestamp) -> Result<Repaired, StoreError> {
    version::require_sound()?;
    let board = exists::locate(board)?;
    filesystem::require_local(&board, exists::directory(&board), filesystem::probe_kernel)?;
    if let found @ (Finding::Nothing | Finding::NotAFile { .. }) = exists::look(&board)? {
        exists::refuse(&board, &found)?;
    }
    users::require_unused(&board, DOING)?;
    let _init = InitLock::acquire(&board, WAIT)?;
    replace::finish(&board)?;
    let finding = match judge(&board)? {
        Judged::Nothing => {
            return Err(StoreError::Refused {
                path: board,
                why: "there is nothing to repair: the board is in order".to_owned(),
                hint: Some(Hint("see `andon doctor` for everything else".to_owned())),
            });
        }
        Judged::Indexes(finding) => match reindex(&board, &finding, now)? {
            Some(repaired) => return Ok(repaired),
            None => finding,
        },
        Judged::Broken(finding) => finding,
    };
    let queue = WriterLock::open(&board)?;
    let _turn = queue.lock_within(WAIT, DOING)?;
    users::require_unused(&board, DOING)?;
    let unfinished = exists::beside(&board, UNFINISHED);
    let repaired = into_a_new_file(&board, &unfinished, finding, now);
    if repaired.is_err() && board.exists() {
        // The first error counts; what stays is cleared by the next one who repairs. With the old
        // board aside already, it tells that one where to go on.
        let _cleared = backup::clear(&unfinished);
    }
    repaired
}

fn into_a_new_file(
    board: &Path,
    unfinished: &Path,
    finding: String,
    now: Timestamp,
) -> Result<Repaired, StoreError> {
    let source = source(board);
    let copy = broken::keep(&source, board)?;
    backup::point("repair.kept", &copy)?;
    backup::clear(unfinished)?;
    disk::create_private(unfinished)?;
    let found = create::build(unfinished, DOING, |db| salvage(board, files(&copy)?, db, now))?;
    let tasks = verify(unfinished)?;
    disk::sync_file(unfinished)?;
    backup::point("repair.prepared", unfinished)?;
    users::require_unused(board, DOING)?;
    let free = replace::aside(board, now, DOING)?;
    let aside = replace::replace(board, unfinished, &free)?.unwrap_or(source);
    let (board, how) = (board.to_owned(), Repair::Salvaged { aside, found });
    Ok(Repaired { board, finding, copy, tasks, how })
}

/// Where the broken database lies: in its place, or where a repair has put it that was killed
/// before it put the new one there.
fn source(board: &Path) -> PathBuf {
    let was_under_way = exists::beside(board, UNFINISHED).exists();
    let aside = exists::copies(board, exists::REPLACED).pop();
    match aside {
        Some(_) if andon_faults::planted("repair.forgets") => board.to_owned(),
        Some(aside) if was_under_way && !board.exists() => aside,
        Some(_) | None => board.to_owned(),
    }
}

/// Opens a database and its log, which nobody else has open, to read their bytes.
fn files(database: &Path) -> Result<Broken, StoreError> {
    let open = |suffix| disk::open_unused(&exists::beside(database, suffix));
    let missing = || exists::missing(database, "there is no such file".to_owned());
    let (database, log) = (open("")?.ok_or_else(missing)?, open(exists::WAL)?);
    Ok(Broken { database: Box::new(database), log })
}

/// Finds out what is wrong, and changes nothing.
fn judge(board: &Path) -> Result<Judged, StoreError> {
    let found = exists::look(board)?;
    match found {
        Finding::File => {}
        Finding::Gone { .. } | Finding::Empty if is_readable_elsewhere(board) => {
            return Ok(Judged::Broken("the database is empty or gone, its log is not".to_owned()));
        }
        Finding::Nothing | Finding::Gone { .. } | Finding::Empty | Finding::NotAFile { .. } => {
            exists::refuse(board, &found)?;
        }
    }
    require_no_journal(board)?;
    // Bytes first: where SQLite has opened a board, nobody else may.
    if let Err(StoreError::Refused { why, .. }) = witness::look(board) {
        return Ok(Judged::Broken(why));
    }
    match salvage::judge_log(files(board)?)? {
        LogUse::Foreign => {
            return Ok(Judged::Broken("its log belongs to another database".to_owned()));
        }
        LogUse::Damaged { .. } => return Ok(Judged::Broken("its log is damaged".to_owned())),
        LogUse::Nothing | LogUse::Whole { .. } => {}
    }
    let mut inspection = match Inspection::open(board) {
        Ok(inspection) => inspection,
        Err(StoreError::Corrupt(what)) => return Ok(Judged::Broken(what.to_string())),
        Err(StoreError::Internal(why)) => return Ok(Judged::Broken(why)),
        Err(error) => return Err(error),
    };
    // Before anything is mended in place: nobody is at work here, whatever the log says.
    let page = inspection.header().map_or(1, |header| u64::from(header.page_bytes));
    let bytes = board.metadata().map_or(0, |found| found.len());
    if !bytes.is_multiple_of(page) {
        return Ok(Judged::Broken(format!("{bytes} bytes are no whole number of {page}")));
    }
    match inspection.structure(CHECK_MAX) {
        Ok(Verdict::Sound) => judge_schema(board, &mut inspection),
        Ok(Verdict::OutOfTime) => Err(too_slow()),
        Ok(Verdict::Damaged(findings)) => {
            let first = findings.first().cloned().unwrap_or_default();
            let is_of_indexes = findings.iter().all(|finding| is_of_index(finding));
            let is_ours = inspection.header().is_ok_and(|head| head.schema == Schema::Current);
            // A board of the peer cannot be adopted as it is, and is not mended in place.
            Ok(if is_of_indexes && is_ours {
                Judged::Indexes(first)
            } else {
                Judged::Broken(first)
            })
        }
        Err(StoreError::Corrupt(what)) => Ok(Judged::Broken(what.to_string())),
        // What stands in the header is nothing that this SQLite can work with.
        Err(StoreError::Internal(why)) => Ok(Judged::Broken(why)),
        Err(error) => Err(error),
    }
}

/// A board whose pages are in order may have a damaged list of tables, or damaged marks.
fn judge_schema(board: &Path, inspection: &mut Inspection) -> Result<Judged, StoreError> {
    match inspection.header()?.schema {
        Schema::Peer => Ok(Judged::Nothing),
        Schema::Current => Ok(match inspection.lacking()? {
            Some(lacking) => Judged::Broken(lacking),
            None => Judged::Nothing,
        }),
        Schema::NoBoard => Err(refuse::without_tasks(board)),
        Schema::Newer { version } => Err(refuse::newer(board, version)),
        Schema::Foreign { .. } if inspection.lacking()?.is_none() => {
            Ok(Judged::Broken("its tables are a board's, the marks in its header are not".into()))
        }
        Schema::Foreign { application_id, version } => {
            Err(refuse::foreign(board, application_id, version))
        }
    }
}

/// Whether there is anything to read although there is no database in its place.
fn is_readable_elsewhere(board: &Path) -> bool {
    let log = exists::beside(board, exists::WAL);
    source(board) != board || log.metadata().is_ok_and(|found| found.len() > 0)
}

/// A change that was not finished is taken back by SQLite itself, which must come first: only then
/// is the database what it should be.
fn require_no_journal(board: &Path) -> Result<(), StoreError> {
    let journal = exists::beside(board, exists::JOURNAL);
    if !journal.metadata().is_ok_and(|found| found.len() > 0) {
        return Ok(());
    }
    Err(StoreError::Refused {
        path: board.to_owned(),
        why: format!("{} holds a change that was not finished", journal.display()),
        hint: Some(Hint(
            "open the board with any other verb first, which takes that change back; then repair \
             it if it is refused still"
                .to_owned(),
        )),
    })
}

/// Writes the indexes anew, and looks whether that was all.
fn reindex(board: &Path, finding: &str, now: Timestamp) -> Result<Option<Repaired>, StoreError> {
    let mended = mend::carry_out(board, Mending::Indexes, now);
    let mut inspection = Inspection::open(board)?;
    match (mended, inspection.structure(CHECK_MAX)?) {
        (Ok(mended), Verdict::Sound) => Ok(Some(Repaired {
            board: board.to_owned(),
            finding: finding.to_owned(),
            copy: mended.copy,
            tasks: inspection.tasks()?,
            how: Repair::Reindexed,
        })),
        (Err(error @ (StoreError::Busy { .. } | StoreError::Unavailable { .. })), _) => Err(error),
        (_, Verdict::OutOfTime) => Err(too_slow()),
        // Two rows have one key, or more is wrong than was seen.
        (Ok(_) | Err(_), Verdict::Sound | Verdict::Damaged(_)) => Ok(None),
    }
}

/// Checks the new board from end to end, and counts its tasks.
fn verify(unfinished: &Path) -> Result<u64, StoreError> {
    let failed = |error| fault::of(DOING, error);
    let mut db = backup::open_copy(unfinished, DOING)?;
    match check(&mut db, Depth::Full, CHECK_MAX)? {
        Verdict::Sound => {}
        Verdict::OutOfTime => return Err(too_slow()),
        Verdict::Damaged(findings) => {
            let first = findings.into_iter().next().unwrap_or_default();
            let why = format!("nothing was changed, because the new board has a fault: {first}");
            return Err(StoreError::Corrupt(CorruptWhat::File(why)));
        }
    }
    let tasks: i64 =
        db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).map_err(failed)?;
    db.close().map_err(|(_, error)| failed(error))?;
    Ok(u64::try_from(tasks).unwrap_or(0))
}

fn too_slow() -> StoreError {
    StoreError::Unavailable {
        doing: DOING,
        why: format!("the check of the board took more than {} s", CHECK_MAX.as_secs()),
        hint: Some(Hint("see whether the disk is healthy, and try again".to_owned())),
    }
}

#[cfg(test)]
mod tests;
