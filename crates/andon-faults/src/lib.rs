//! Named points at which tests interfere with the program: places where a process dies at the
//! worst moment, a disk refuses, another process gets its turn, or a mistake is made on purpose to
//! see that it is found.
//!
//! Without the feature `on` every function here is empty and is compiled away. Only the test kit
//! turns it on; `cargo xtask tidy` sees to it that no release build can.
//!
//! Who interferes is a [`Hooks`] that a test installs for its own thread ([`interfere`]), so that
//! many simulated processes can live in one real one. A real process is told by the environment
//! variable [`VARIABLE`]; what it then does to itself, it tells in the file that [`SEEN`] names.

#[cfg(feature = "on")]
mod on;
#[cfg(feature = "on")]
pub use on::{Hooks, Interference, SEEN, VARIABLE, interfere};

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Something is about to happen, or has just happened, as the point's name says. An error is taken
/// as if the system had reported it.
#[inline]
pub fn reach(point: &'static str) -> io::Result<()> {
    reach_at(point, Path::new(""))
}

/// The same, about a file.
#[inline]
pub fn reach_at(point: &'static str, path: &Path) -> io::Result<()> {
    #[cfg(feature = "on")]
    return on::reach(point, path);
    #[cfg(not(feature = "on"))]
    {
        let _ = (point, path);
        Ok(())
    }
}

/// A place to die, where nothing may fail any more or nobody could take an error.
#[inline]
pub fn pass(point: &'static str) {
    let _nobody_takes_it = reach(point);
}

/// Tells a process that is about to start, in an environment made anew, what this one was told.
#[inline]
pub fn hand_on(child: &mut Command) {
    #[cfg(feature = "on")]
    on::hand_on(child);
    #[cfg(not(feature = "on"))]
    let _ = child;
}

/// Whether anybody can interfere at all.
pub const IS_ON: bool = cfg!(feature = "on");

/// What to do about a lock that somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contended {
    /// Wait for it, as a process does that nobody interferes with.
    Wait,
    /// Try again: the holder had its turn, in a simulation where one process runs at a time.
    TryAgain,
}

/// A lock is held by somebody else. An error is taken as the system's answer to the call for it.
#[inline]
pub fn contended(lock: &'static str) -> io::Result<Contended> {
    #[cfg(feature = "on")]
    return on::contended(lock);
    #[cfg(not(feature = "on"))]
    {
        let _ = lock;
        Ok(Contended::Wait)
    }
}

/// Waits so long, or lets a simulated clock go on.
#[inline]
pub fn pause(span: Duration) {
    #[cfg(feature = "on")]
    on::pause(span);
    #[cfg(not(feature = "on"))]
    std::thread::sleep(span);
}

/// Whether this mistake is to be made: always no, but where a test has planted it.
#[inline]
#[must_use]
pub fn planted(mistake: &'static str) -> bool {
    #[cfg(feature = "on")]
    return on::planted(mistake);
    #[cfg(not(feature = "on"))]
    {
        let _ = mistake;
        false
    }
}
