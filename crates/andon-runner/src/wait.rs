//! Waiting on descriptors until a point in time, never by sleeping.

use rustix::event::{PollFd, Timespec, poll};
use std::io;
use std::time::{Duration, Instant};

/// Waits until one of the descriptors is ready or the deadline has come; `None` waits without end.
/// Returns how many are ready. A signal does not end the wait.
pub fn until(fds: &mut [PollFd<'_>], deadline: Option<Instant>) -> io::Result<usize> {
    loop {
        let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        let timeout = left.map(timespec);
        match poll(fds, timeout.as_ref()) {
            Ok(ready) => return Ok(ready),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn timespec(span: Duration) -> Timespec {
    let tv_sec = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    Timespec { tv_sec, tv_nsec: span.subsec_nanos().into() }
}
