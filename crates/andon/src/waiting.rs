//! Waiting for the board to change, for a limit, or for Ctrl-C: woken, not polling (S28).

use crate::error::CliError;
use andon_store::{Store, StoreError, Watch};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Somebody committed.
    Changed,
    /// The time is over.
    Late,
    /// The person wants an end.
    Interrupted,
}

/// Wakes when somebody commits, or when the person presses Ctrl-C.
pub(crate) struct Waiter {
    watch: Box<dyn Watch>,
    interrupts: UnixStream,
}

impl Waiter {
    /// Starts watching: a commit after this call is never missed.
    pub(crate) fn new(store: &dyn Store) -> Result<Self, CliError> {
        let failed = |error| CliError::io("cannot watch for Ctrl-C", &error);
        let (interrupts, write) = UnixStream::pair().map_err(failed)?;
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let write = write.try_clone().map_err(failed)?;
            signal_hook::low_level::pipe::register(signal, write).map_err(failed)?;
        }
        Ok(Self { watch: store.watch()?, interrupts })
    }

    /// Waits for a commit, at most until `deadline`.
    pub(crate) fn wait(&mut self, deadline: Option<Instant>) -> Result<Woken, CliError> {
        loop {
            if self.watch.changed()? {
                return Ok(Woken::Changed);
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(Woken::Late);
            }
            if self.sleep(left)? {
                return Ok(Woken::Interrupted);
            }
        }
    }

    /// Sleeps until something is worth looking at; true if that is Ctrl-C.
    fn sleep(&self, left: Option<Duration>) -> Result<bool, CliError> {
        let interval = Duration::from_millis(self.watch.interval_ms());
        let span = left.map_or(interval, |left| left.min(interval));
        let timeout = Timespec::try_from(span).ok();
        let mut fds = vec![PollFd::new(&self.interrupts, PollFlags::IN)];
        let wake = self.watch.wake();
        if let Some(wake) = &wake {
            fds.push(PollFd::from_borrowed_fd(wake.as_fd(), PollFlags::IN));
        }
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => Ok(!fds[0].revents().is_empty()),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(StoreError::Internal(format!("cannot wait: {error}")).into()),
        }
    }
}
