//! Waking a dispatcher's thread from another one, and waiting for whatever comes first.

use super::{Options, Stop};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A bell: any thread rings it, one thread waits for it.
#[derive(Debug)]
pub(super) struct Wake(OwnedFd);

impl Wake {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// Rings. A counter that is full has been rung often enough.
    pub(super) fn wake(&self) {
        rustix::io::write(&self.0, &1_u64.to_ne_bytes()).ok();
    }

    /// Forgets the ringing so far.
    pub(super) fn clear(&self) {
        rustix::io::read(&self.0, &mut [0; 8]).ok();
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Waits until one of the descriptors is readable or the deadline has come; says which are.
pub(super) fn wait(fds: &[BorrowedFd<'_>], deadline: Instant) -> io::Result<Vec<usize>> {
    let mut polled: Vec<PollFd<'_>> =
        fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    andon_runner::wait::until(&mut polled, Some(deadline))?;
    let ready = |(at, fd): (usize, &PollFd<'_>)| (!fd.revents().is_empty()).then_some(at);
    Ok(polled.iter().enumerate().filter_map(ready).collect())
}

/// What others wish of a dispatcher.
#[derive(Debug)]
pub(super) struct Control {
    /// Rung with every wish.
    pub(super) wake: Arc<Wake>,
    wishes: Mutex<Wishes>,
}

#[derive(Debug, Default)]
struct Wishes {
    stop: Option<Stop>,
    pass: Option<WantedPass>,
    /// What it shall work with from now on.
    options: Option<Box<Options>>,
}

/// A full pass that somebody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WantedPass;

impl Control {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { wake: Arc::new(Wake::new()?), wishes: Mutex::default() })
    }

    /// Asks to stop. The same wish again changes nothing, and costs no pass.
    pub(super) fn ask_to_stop(&self, stop: Stop) {
        let mut wishes = self.wishes();
        if wishes.stop.replace(stop) == Some(stop) {
            return;
        }
        // Whether it may go is found out after a pass.
        wishes.pass = Some(WantedPass);
        drop(wishes);
        self.wake.wake();
    }

    pub(super) fn ask_for_pass(&self) {
        self.wishes().pass = Some(WantedPass);
        self.wake.wake();
    }

    /// Asks to work with other surroundings. The last wish counts.
    pub(super) fn ask_to_reload(&self, options: Options) {
        self.wishes().options = Some(Box::new(options));
        self.wake.wake();
    }

    /// Whether there are surroundings to take.
    pub(super) fn has_options(&self) -> bool {
        self.wishes().options.is_some()
    }

    /// Takes surroundings that somebody wishes to be worked with.
    pub(super) fn take_options(&self) -> Option<Box<Options>> {
        self.wishes().options.take()
    }

    /// The last wish to stop.
    pub(super) fn stop(&self) -> Option<Stop> {
        self.wishes().stop
    }

    /// Takes a wish for a full pass.
    pub(super) fn take_pass(&self) -> Option<WantedPass> {
        self.wishes().pass.take()
    }

    /// Plain values cannot be left half-written, so a panic of another thread does not matter.
    fn wishes(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
