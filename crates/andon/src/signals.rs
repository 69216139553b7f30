//! SIGINT and SIGTERM as something to wait for, beside other things.

use crate::error::CliError;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// The wishes of whoever wants this process to end.
#[derive(Debug)]
pub(crate) struct Signals {
    stream: UnixStream,
}

impl Signals {
    /// Begins to listen. The signals no longer end the process by themselves.
    pub(crate) fn listen() -> Result<Self, CliError> {
        let failed = |error| CliError::io("cannot listen for signals", &error);
        let (stream, write) = UnixStream::pair().map_err(failed)?;
        stream.set_nonblocking(true).map_err(failed)?;
        for signal in [SIGINT, SIGTERM] {
            let write = write.try_clone().map_err(failed)?;
            signal_hook::low_level::pipe::register(signal, write).map_err(failed)?;
        }
        Ok(Self { stream })
    }

    /// How many came since the last call.
    pub(crate) fn take(&mut self) -> usize {
        let mut bytes = [0; 16];
        // Nothing there is no failure: it is the usual answer.
        self.stream.read(&mut bytes).unwrap_or(0)
    }

    /// Waits for a signal, for `other` to become readable, or for the time to be over.
    pub(crate) fn wait(&self, other: Option<BorrowedFd<'_>>, span: Duration) {
        let timeout = Timespec::try_from(span).ok();
        let mut fds = vec![PollFd::new(&self.stream, PollFlags::IN)];
        fds.extend(other.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        // An interrupted wait is as good as one that is over: everybody looks again after it.
        poll(&mut fds, timeout.as_ref()).ok();
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
