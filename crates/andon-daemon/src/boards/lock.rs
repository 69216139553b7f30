//! The locks around changes of boards. They are `flock`s of files made for the purpose, freed
//! by the kernel when their holder dies; the database is never opened here.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::{BoardError, replace};
use crate::home::{Home, Layout};
use crate::private;
use andon_proc::lock_table;

/// Longest wait for another process that changes boards. A change is a few file operations; one
/// that takes longer hangs on its disk, and waiting more would not help.
const BOARDS_LOCK_WAIT_MAX: Duration = Duration::from_secs(5);

/// Longest wait for a write transaction before a board is moved. Transactions take milliseconds.
const WRITER_LOCK_WAIT_MAX: Duration = Duration::from_secs(1);

/// Pause between two tries: far below what a person notices, far above what a try costs.
const LOCK_POLL: Duration = Duration::from_millis(5);

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

/// Takes the lock under which `board.json` and `current` are written (B9).
pub(super) fn boards(home: &Home) -> Result<Held, BoardError> {
    let path = home.boards_lock_file();
    replace::make_dirs(&home.boards_dir())?;
    match take(&path, BOARDS_LOCK_WAIT_MAX)? {
        Ok(held) => Ok(held),
        Err(held_by) => Err(BoardError::Locked { held_by }),
    }
}

/// Keeps dispatcher and writers off a board while it is moved; refused while a dispatcher
/// serves it (B5). Holding both locks means that no transaction of ours is under way, and a
/// process that opens the board later finds it gone, which it reports.
pub(super) fn unused(layout: &Layout) -> Result<[Held; 2], BoardError> {
    let in_use = |held_by| BoardError::InUse { slug: layout.slug().clone(), held_by };
    let dispatch = take(&layout.dispatch_lock_file(), Duration::ZERO)?.map_err(in_use)?;
    let writer = take(&layout.writer_lock_file(), WRITER_LOCK_WAIT_MAX)?.map_err(in_use)?;
    Ok([dispatch, writer])
}

/// Tries for at most `wait_max`; at least once.
fn take(path: &Path, wait_max: Duration) -> Result<Result<Held, HeldBy>, BoardError> {
    let failed = |source| BoardError::io("lock", path, source);
    let file = private::open_lock(path).map_err(failed)?;
    let deadline = Instant::now() + wait_max;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Ok(Held { _file: file })),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) if Instant::now() < deadline => std::thread::sleep(LOCK_POLL),
            Err(Errno::WOULDBLOCK) => return Ok(Err(holder(path, &file))),
            Err(error) => return Err(failed(error.into())),
        }
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
