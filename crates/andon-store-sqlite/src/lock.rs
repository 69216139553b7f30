//! The lock files beside a board, for first opens and for writers, and the one beside its backups.
//! They must not lock the database itself. The dispatcher's is taken by the dispatcher.
//!
//! All are `flock`, which belongs to an open file description: no close of another descriptor
//! can cancel it, and the kernel hands it on in turn. The files are never removed.

pub(crate) mod holder;

use crate::exists;
use andon_faults::Contended;
use andon_store::{BusyHolder, Hint, StoreError};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Between two tries of a lock with a time limit; `flock` itself has none.
const POLL: Duration = Duration::from_millis(5);

/// An open lock file.
#[derive(Debug)]
struct LockFile {
    descriptor: OwnedFd,
    path: PathBuf,
}

impl LockFile {
    #[expect(
        clippy::disallowed_methods,
        reason = "a lock file is not the board: SQLite never opens it"
    )]
    fn open(board: &Path, suffix: &str) -> Result<Self, StoreError> {
        let path = exists::beside(board, suffix);
        // A link was put here by somebody else, and a file must not be made where it leads.
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        andon_faults::reach_at("lock.open", &path).map_err(|error| unlockable(&path, error))?;
        let descriptor = rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR).map_err(
            |errno| match errno {
                Errno::LOOP => refused(&path, "it is a symbolic link".to_owned()),
                other => unlockable(&path, other.into()),
            },
        )?;
        Ok(Self { descriptor, path })
    }

    /// Waits as long as it takes.
    fn lock(&self) -> Result<(), StoreError> {
        // Where processes are simulated by threads, one that blocks here would stop all of them.
        if andon_faults::IS_ON && self.try_lock()? {
            return Ok(());
        }
        self.ask(FlockOperation::LockExclusive).map(|_| ())
    }

    /// Does not wait; tells whether it holds the lock now.
    fn try_lock(&self) -> Result<bool, StoreError> {
        self.ask(FlockOperation::NonBlockingLockExclusive)
    }

    fn lock_within(&self, wait: Duration, doing: &'static str) -> Result<(), StoreError> {
        let since = Instant::now();
        while !self.try_lock()? {
            let waited = since.elapsed();
            if waited >= wait {
                let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
                return Err(StoreError::Busy { doing, waited_ms, holder: self.holder() });
            }
            andon_faults::pause(POLL.min(wait - waited));
        }
        Ok(())
    }

    fn ask(&self, operation: FlockOperation) -> Result<bool, StoreError> {
        // A signal may interrupt the wait any number of times; each round waits anew.
        loop {
            match rustix::fs::flock(&self.descriptor, operation) {
                Ok(()) => return Ok(true),
                Err(Errno::WOULDBLOCK) => match andon_faults::contended("flock") {
                    Ok(Contended::Wait) => return Ok(false),
                    Ok(Contended::TryAgain) => {}
                    Err(error) => return Err(unlockable(&self.path, error)),
                },
                Err(Errno::INTR) => {}
                Err(errno) => return Err(unlockable(&self.path, errno.into())),
            }
        }
    }

    fn unlock(&self) {
        // Unlocking an open descriptor cannot fail for any cause that we could mend, and closing it
        // would unlock too.
        let _unlocked = rustix::fs::flock(&self.descriptor, FlockOperation::Unlock);
    }

    fn holder(&self) -> BusyHolder {
        holder::find(&self.path)
    }
}

fn unlockable(path: &Path, error: std::io::Error) -> StoreError {
    StoreError::Unavailable {
        doing: "lock the board",
        why: format!("{}: {error}", path.display()),
        hint: Some(Hint("make the board's directory writable for this user".to_owned())),
    }
}

fn refused(path: &Path, why: String) -> StoreError {
    let hint = Some(Hint("remove it; the file is made anew".to_owned()));
    StoreError::Refused { path: path.to_owned(), why, hint }
}

/// Who has a write transaction on the board, for a message: a program that does not queue here.
pub(crate) fn writing_process(board: &Path) -> BusyHolder {
    holder::find_writer(&exists::beside(board, exists::SHM))
}

/// Adds who holds the board, and how long that was waited for, where SQLite only says that it is
/// busy: whoever writes, or makes the log's index anew, may have been stopped in the middle of it.
pub(crate) fn name_holder(error: StoreError, board: &Path, since: Instant) -> StoreError {
    match error {
        StoreError::Busy { doing, waited_ms: 0, holder: BusyHolder { pid: None, .. } } => {
            let waited_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            StoreError::Busy { doing, waited_ms, holder: writing_process(board) }
        }
        other => other,
    }
}

/// The lock of first opens and migrations. The peer takes the same one. Held until dropped.
#[derive(Debug)]
pub(crate) struct InitLock {
    /// Closing the file is the unlock.
    _file: LockFile,
}

impl InitLock {
    /// Takes the lock, or fails with [`StoreError::Busy`] after `wait`. There is no third way: the
    /// peer goes on without the lock, and two migrations then run at once.
    pub(crate) fn acquire(board: &Path, wait: Duration) -> Result<Self, StoreError> {
        let file = LockFile::open(board, exists::INIT_LOCK)?;
        if !andon_faults::planted("init-lock.ignored") {
            file.lock_within(wait, "open the board for the first time")?;
        }
        Ok(Self { _file: file })
    }
}

/// The lock under which backups are made in a directory. Held until dropped.
#[derive(Debug)]
pub(crate) struct BackupLock {
    /// Closing the file is the unlock.
    _file: LockFile,
}

impl BackupLock {
    /// Takes the lock, or fails with [`StoreError::Busy`] after `wait`.
    pub(crate) fn acquire(base: &Path, wait: Duration) -> Result<Self, StoreError> {
        let file = LockFile::open(base, exists::BACKUP_LOCK)?;
        file.lock_within(wait, "back the board up")?;
        Ok(Self { _file: file })
    }
}

/// The queue of writers: around every write transaction and every checkpoint.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: LockFile,
    /// Threads that share one description do not exclude each other.
    turn: Mutex<()>,
}

/// The right to write, until dropped.
#[derive(Debug)]
pub(crate) struct WriterTurn<'lock> {
    file: &'lock LockFile,
    _turn: MutexGuard<'lock, ()>,
}

impl WriterLock {
    /// Opens the lock file; once for each store, and for as long.
    pub(crate) fn open(board: &Path) -> Result<Self, StoreError> {
        LockFile::open(board, exists::WRITER_LOCK).map(|file| Self { file, turn: Mutex::new(()) })
    }

    /// Waits for its turn, as long as it takes. Callers that cannot wait bound their own waiting
    /// for the writer's thread.
    pub(crate) fn lock(&self) -> Result<WriterTurn<'_>, StoreError> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.file.lock()?;
        Ok(WriterTurn { file: &self.file, _turn: turn })
    }

    /// Takes the turn if nobody has it.
    pub(crate) fn try_lock(&self) -> Result<Option<WriterTurn<'_>>, StoreError> {
        let turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        let is_locked = self.file.try_lock()?;
        Ok(is_locked.then_some(WriterTurn { file: &self.file, _turn: turn }))
    }

    /// Waits for its turn, or fails with [`StoreError::Busy`].
    pub(crate) fn lock_within(
        &self,
        wait: Duration,
        doing: &'static str,
    ) -> Result<WriterTurn<'_>, StoreError> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.file.lock_within(wait, doing)?;
        Ok(WriterTurn { file: &self.file, _turn: turn })
    }

    /// Who writes now, for a message.
    pub(crate) fn holder(&self) -> BusyHolder {
        self.file.holder()
    }
}

impl Drop for WriterTurn<'_> {
    fn drop(&mut self) {
        self.file.unlock();
    }
}

#[cfg(test)]
mod tests;
