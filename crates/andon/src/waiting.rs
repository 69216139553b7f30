//! Waiting for the board to change, for a limit, or for an end: woken, not polling (S28).

use crate::error::CliError;
use crate::output::{Format, Ui};
use andon_store::{Store, StoreError, Watch};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;
use std::io::{self, Stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Somebody committed.
    Changed,
    /// The time is over.
    Late,
    /// There is nothing to wait for any more.
    Interrupted(Interruption),
}

/// Why a wait ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// The person wants an end.
    Asked,
    /// Nobody reads any more.
    Unread,
}

impl Interruption {
    /// Ends a verb that follows something until it is stopped.
    pub(crate) fn end(self, ui: &mut Ui) -> Result<(), CliError> {
        match (self, ui.format()) {
            (Self::Unread, _) => return Err(CliError::no_reader()),
            (Self::Asked, Format::Human) => ui.err("(stopped)"),
            (Self::Asked, Format::Json) => {}
        }
        Ok(())
    }
}

/// Tells when the person wants an end: Ctrl-C, a request to terminate, or a reader that is gone.
#[derive(Debug)]
pub(crate) struct Interrupts {
    signals: UnixStream,
    stdout: Stdout,
}

impl Interrupts {
    /// Takes the signals over: from now on they end waits, not the process.
    pub(crate) fn take() -> Result<Self, CliError> {
        let failed = |error| CliError::io("cannot watch for Ctrl-C", &error);
        let (signals, write) = UnixStream::pair().map_err(failed)?;
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let write = write.try_clone().map_err(failed)?;
            signal_hook::low_level::pipe::register(signal, write).map_err(failed)?;
        }
        Ok(Self { signals, stdout: io::stdout() })
    }

    /// Sleeps until `wake` is readable, `span` is over, or an end is wanted; says if that was it.
    /// It may return early for no reason.
    pub(crate) fn sleep(
        &self,
        wake: Option<BorrowedFd<'_>>,
        span: Duration,
    ) -> Result<Option<Interruption>, CliError> {
        let timeout = Timespec::try_from(span).ok();
        // Of the reading end only its closing is told, which needs no flag.
        let mut fds = vec![
            PollFd::new(&self.signals, PollFlags::IN),
            PollFd::new(&self.stdout, PollFlags::empty()),
        ];
        fds.extend(wake.map(|wake| PollFd::from_borrowed_fd(wake, PollFlags::IN)));
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) if !fds[0].revents().is_empty() => Ok(Some(Interruption::Asked)),
            Ok(_) if !fds[1].revents().is_empty() => Ok(Some(Interruption::Unread)),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(None),
            Err(error) => Err(StoreError::Internal(format!("cannot wait: {error}")).into()),
        }
    }
}

/// Wakes when somebody commits, or when an end is wanted.
pub(crate) struct Waiter {
    watch: Box<dyn Watch>,
    interrupts: Interrupts,
}

impl Waiter {
    /// Starts watching: a commit after this call is never missed.
    pub(crate) fn new(store: &dyn Store) -> Result<Self, CliError> {
        Ok(Self { watch: store.watch()?, interrupts: Interrupts::take()? })
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
            let interval = Duration::from_millis(self.watch.interval_ms());
            let span = left.map_or(interval, |left| left.min(interval));
            let wake = self.watch.wake();
            if let Some(why) = self.interrupts.sleep(wake.as_ref().map(AsFd::as_fd), span)? {
                return Ok(Woken::Interrupted(why));
            }
        }
    }
}
