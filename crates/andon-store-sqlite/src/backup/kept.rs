//! Backups: copies in a directory of their own, the newest few of which stay.

use super::{Bears, Series, make, open_sealed};
use crate::connect::{self, ConnectOptions};
use crate::inspect::{Schema, schema_of};
use crate::lock::BackupLock;
use crate::open::refuse;
use crate::{disk, exists, fault};
use andon_core::time::Timestamp;
use andon_store::{Hint, StoreError};
use std::ffi::OsStr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a backup waits for a program that has the board for itself, and for another backup.
const WAIT: Duration = Duration::from_secs(10);

const DOING: &str = "back the board up";

/// How many backups of a board stay in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The newest so many; older ones that Andon made are removed.
    Newest(NonZeroU32),
    /// Every one.
    All,
}

/// A backup that lies in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// When it was made, as its name says.
    pub at: Timestamp,
    /// Its bytes.
    pub bytes: u64,
}

/// A backup that was made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// The backup.
    pub backup: Backup,
    /// Tasks in it.
    pub tasks: u64,
    /// Older ones that were removed for it.
    pub removed: Vec<PathBuf>,
}

/// Copies the board at a path into a directory, while others use the board. The copy has been
/// opened and checked, and is on the disk, when the call returns.
pub fn back_up(
    board: &Path,
    directory: &Path,
    keep: Keep,
    now: Timestamp,
) -> Result<BackedUp, StoreError> {
    let board = exists::locate(board)?;
    exists::refuse(&board, &exists::look(&board)?)?;
    let base = base(&board, directory)?;
    disk::make_directory(&base)?;
    let options = ConnectOptions { busy: WAIT };
    let _alone = BackupLock::acquire(&base, WAIT)?;
    require_board(&board, &options)?;
    let kept = match keep {
        Keep::Newest(count) => usize::try_from(count.get()).unwrap_or(usize::MAX),
        Keep::All => usize::MAX,
    };
    let series = Series {
        unfinished: ".andon.new",
        beginning: exists::KEPT,
        kept,
        bears: Bears::WrongIndexes,
        doing: DOING,
    };
    let made = make(&board, &base, &options, now, series)?;
    let tasks = tasks(&made.path, &options)?;
    let backup = Backup { bytes: bytes(&made.path), path: made.path, at: now };
    Ok(BackedUp { backup, tasks, removed: made.removed })
}

/// The backups of a board in a directory, newest first. The board itself need not be there.
pub fn backups(board: &Path, directory: &Path) -> Result<Vec<Backup>, StoreError> {
    let base = base(board, directory)?;
    let mut found: Vec<Backup> = exists::copies(&base, exists::KEPT)
        .into_iter()
        .filter_map(|path| {
            let at = exists::copied_at(&base, exists::KEPT, &path)?;
            Some(Backup { bytes: bytes(&path), path, at })
        })
        .collect();
    found.reverse();
    Ok(found)
}

/// The backup that a person means: a path, the name of one in the directory, or `latest`.
pub fn find_backup(board: &Path, directory: &Path, wanted: &OsStr) -> Result<PathBuf, StoreError> {
    let known = backups(board, directory)?;
    let found = if wanted == LATEST {
        known.into_iter().next().map(|newest| newest.path)
    } else {
        let named = known.into_iter().find(|one| one.path.file_name() == Some(wanted));
        named.map(|one| one.path).or_else(|| {
            let path = Path::new(wanted);
            path.exists().then(|| path.to_owned())
        })
    };
    found.ok_or_else(|| StoreError::Refused {
        path: PathBuf::from(wanted),
        why: "there is no such backup".to_owned(),
        hint: Some(Hint("see `andon backup list`, or name a file".to_owned())),
    })
}

/// The word for the newest backup.
const LATEST: &str = "latest";

/// What the names of the board's backups in a directory begin with.
fn base(board: &Path, directory: &Path) -> Result<PathBuf, StoreError> {
    let name = board
        .file_name()
        .ok_or_else(|| exists::missing(board, "the path names no file".to_owned()))?;
    Ok(directory.join(name))
}

/// Refuses what is no board: a backup of it would look like one of a board.
fn require_board(board: &Path, options: &ConnectOptions) -> Result<(), StoreError> {
    let db = connect::open_file(board, options)?;
    match schema_of(&db).map_err(|error| fault::of(DOING, error))? {
        Schema::Current | Schema::Peer | Schema::Newer { .. } => Ok(()),
        Schema::NoBoard => Err(refuse::without_tasks(board)),
        Schema::Foreign { application_id, version } => {
            Err(refuse::foreign(board, application_id, version))
        }
    }
}

fn tasks(copy: &Path, options: &ConnectOptions) -> Result<u64, StoreError> {
    let db = open_sealed(copy, options)?;
    let count = db.query_row("SELECT count(*) FROM tasks", [], |row| row.get::<_, i64>(0));
    count.map(|count| u64::try_from(count).unwrap_or(0)).map_err(|error| fault::of(DOING, error))
}

fn bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |found| found.len())
}
