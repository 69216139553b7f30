//! The locks around changes of boards. They are `flock`s of files made for the purpose, freed
//! by the kernel when their holder dies; the database is never opened here. Whether another process
//! has it open is the store's to tell.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{BoardError, replace};
use crate::file_lock::{self, LOOKERS_WAIT_MAX, Turn};
use crate::home::{Home, Layout};
use andon_proc::lock_table;
use andon_store::StoreError;

/// Longest wait for another process that changes boards. A change is a few file operations; one
/// that takes longer hangs on its disk, and waiting more would not help.
const BOARDS_LOCK_WAIT_MAX: Duration = Duration::from_secs(5);

/// Longest wait for a write transaction before a board is moved. Transactions take milliseconds.
const WRITER_LOCK_WAIT_MAX: Duration = Duration::from_secs(1);

/// Most of a lock file that is read to learn who holds it.
const HOLDER_BYTES_MAX: u64 = 256;

/// A lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    _file: File,
}

/// Who holds a lock, as far as can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBy {
    /// The lock file.
    pub lock: PathBuf,
    /// Process id of the holder, when it runs on this host and the kernel says.
    pub pid: Option<i32>,
    /// What the holder wrote into the lock file about itself.
    pub note: Option<String>,
}

impl fmt::Display for HeldBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.pid, &self.note) {
            (Some(pid), Some(note)) => write!(f, "process {pid} ({note})")?,
            (Some(pid), None) => write!(f, "process {pid}")?,
            (None, Some(note)) => f.write_str(note)?,
            (None, None) => f.write_str("an unknown process")?,
        }
        write!(f, " holds {}", self.lock.display())
    }
}

/// Tells in words who has a board's database open, and nothing if nobody has. The store knows which
/// files to look for.
pub type WhoUses<'a> = &'a dyn Fn(&Path) -> Result<Option<String>, StoreError>;

/// By whom a board is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsedBy {
    /// A process that holds one of its locks.
    Lock(HeldBy),
    /// Processes that have its database open, in words.
    Open(String),
}

impl fmt::Display for UsedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock(held_by) => held_by.fmt(f),
            Self::Open(users) => f.write_str(users),
        }
    }
}

/// Takes the lock under which `board.json` and `current` are written (B9).
pub(super) fn boards(home: &Home) -> Result<Held, BoardError> {
    let path = home.boards_lock_file();
    replace::make_dirs(&home.boards_dir())?;
    match take(&path, BOARDS_LOCK_WAIT_MAX)? {
        Ok(held) => Ok(held),
        Err(held_by) => Err(BoardError::Locked { held_by }),
    }
}

/// Keeps dispatcher and writers off a board while it is moved; refused while a dispatcher serves
/// it, or any process has it open (B5): a runner would find no board to record the end of its run.
///
/// Holding both locks means that no transaction of ours is under way. A process that opens the
/// board behind this look has to queue for its first write, and finds the board gone when its turn
/// comes; a runner in this place has not started its worker yet.
pub(super) fn unused(layout: &Layout, who_uses: WhoUses<'_>) -> Result<[Held; 2], BoardError> {
    let slug = layout.slug();
    let in_use = |by| BoardError::InUse { slug: slug.clone(), by };
    let locked = |held_by| in_use(UsedBy::Lock(held_by));
    let dispatch = take(&layout.dispatch_lock_file(), LOOKERS_WAIT_MAX)?.map_err(locked)?;
    let writer = take(&layout.writer_lock_file(), WRITER_LOCK_WAIT_MAX)?.map_err(locked)?;
    let users = who_uses(layout.database());
    match users.map_err(|source| BoardError::UsersUnknown { slug: slug.clone(), source })? {
        None => Ok([dispatch, writer]),
        Some(users) => Err(in_use(UsedBy::Open(users))),
    }
}

fn take(path: &Path, wait_max: Duration) -> Result<Result<Held, HeldBy>, BoardError> {
    match file_lock::take(path, wait_max) {
        Ok(Turn::Taken(file)) => Ok(Ok(Held { _file: file })),
        Ok(Turn::Refused(file)) => Ok(Err(holder(path, &file))),
        Err(source) => Err(BoardError::io("lock", path, source)),
    }
}

/// Asks the kernel and the lock file. Both answers are for people; either may be missing.
fn holder(path: &Path, mut file: &File) -> HeldBy {
    let pid = lock_table::flock_holder(path);
    let mut text = String::new();
    let note = match file.by_ref().take(HOLDER_BYTES_MAX).read_to_string(&mut text) {
        Ok(_) => text.lines().next().map(str::trim).filter(|line| !line.is_empty()),
        Err(_) => None,
    };
    HeldBy { lock: path.to_owned(), pid, note: note.map(str::to_owned) }
}
