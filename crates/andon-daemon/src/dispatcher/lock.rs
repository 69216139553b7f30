//! One dispatcher for a board and host: the `flock` of `<db>.dispatch.lock`, which the peer's
//! dispatcher takes, too. The kernel frees it when its holder dies, however that happens.

use super::observer::Notice;
use super::wake::{Control, Wake, wait};
use super::{DispatchError, Options, StartMode};
use crate::file_lock::{self, LOOKERS_WAIT_MAX, Turn};
use crate::private;
use andon_proc::lock_table;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::{Duration, Instant, SystemTime};

/// The right to dispatch a board, until it is dropped.
#[derive(Debug)]
pub(super) struct DispatchLock {
    file: File,
}

/// The lock file cannot be used. The peer dispatches nevertheless; two dispatchers at once are
/// worse than none.
#[derive(Debug, thiserror::Error)]
#[error("cannot lock {}", path.display())]
pub struct LockError {
    path: PathBuf,
    source: io::Error,
}

impl DispatchLock {
    /// Takes the lock if nobody dispatches the board. Those who only look are waited for.
    pub(super) fn try_take(path: &Path) -> Result<Option<Self>, LockError> {
        match file_lock::take(path, LOOKERS_WAIT_MAX) {
            Ok(Turn::Taken(file)) => Ok(Some(Self { file })),
            Ok(Turn::Refused(_)) => Ok(None),
            Err(source) => Err(LockError { path: path.to_owned(), source }),
        }
    }

    /// Leaves a sign of a whole pass at the lock file, for `doctor`: the time of its last change.
    /// It is for people, so a file system that refuses it does no harm.
    pub(super) fn beat(&self) {
        self.file.set_modified(SystemTime::now()).ok();
    }

    /// Waits for the lock on a thread of its own, and wakes the waiting one when it is there. Who
    /// stops waiting drops the receiver; a lock that comes later is given up at once. A receiver
    /// that is disconnected without a lock means that the system refused it.
    pub(super) fn wait(path: &Path, wake: Arc<Wake>) -> Result<Receiver<Self>, LockError> {
        let failed = |source| LockError { path: path.to_owned(), source };
        let file = private::open_lock(path).map_err(failed)?;
        let (sender, receiver) = sync_channel(1);
        let wait = move || {
            let taken = loop {
                match flock(&file, FlockOperation::LockExclusive) {
                    Err(Errno::INTR) => {}
                    taken => break taken,
                }
            };
            if taken.is_ok() {
                sender.send(Self { file }).ok();
            }
            drop(sender);
            wake.wake();
        };
        std::thread::Builder::new().name("andon-standby".to_owned()).spawn(wait).map_err(failed)?;
        Ok(receiver)
    }
}

/// Longest wait for the lock without a look around.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// The lock, or nothing if it was waited for and somebody asked to stop.
pub(super) fn take(
    options: &Options,
    control: &Control,
) -> Result<Option<DispatchLock>, DispatchError> {
    let path = options.layout.dispatch_lock_file();
    if let Some(lock) = DispatchLock::try_take(&path)? {
        return Ok(Some(lock));
    }
    match options.mode {
        StartMode::Alone => return Err(DispatchError::Held(options.slug().clone())),
        StartMode::StandBy => {
            options.notice(&Notice::StandingBy { holder: lock_table::flock_holder(&path) });
        }
    }
    let waiting = DispatchLock::wait(&path, Arc::clone(&control.wake))?;
    loop {
        if control.stop().is_some() {
            return Ok(None);
        }
        match waiting.try_recv() {
            Ok(lock) => return Ok(Some(lock)),
            Err(TryRecvError::Disconnected) => {
                return Err(DispatchError::LockWait(options.slug().clone()));
            }
            Err(TryRecvError::Empty) => {}
        }
        wait(&[control.wake.as_fd()], Instant::now() + IDLE_MAX)
            .map_err(|source| DispatchError::System { doing: "wait", source })?;
        control.wake.clear();
    }
}

#[cfg(test)]
mod tests;
