//! Two neighbours that take turns, because together they are more than anybody can bear: foreign
//! code in our own process that gives away our locks on the index, and a foreign program that
//! writes without standing in our queue. At the same moment the program finds a writer's lock free.

use super::crew::Crew;
use super::pace;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Length of a turn.
const TURN: Duration = Duration::from_secs(20);
/// Until whoever was told to give away locks has done so: he may have been stopped meanwhile.
const SETTLE: Duration = Duration::from_secs(5);
/// Between two looks whose turn it is.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A foreign program writes until this is dropped.
#[derive(Debug)]
pub(super) struct Writing<'t>(&'t Turns);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.writing.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whose turn it is.
#[derive(Debug)]
pub(super) struct Turns {
    since: Instant,
    /// Foreign programs that are writing.
    writing: AtomicUsize,
}

impl Default for Turns {
    fn default() -> Self {
        Self { since: Instant::now(), writing: AtomicUsize::new(0) }
    }
}

impl Turns {
    /// Whether locks may be given away now.
    pub(super) fn may_stray(&self) -> bool {
        self.place().0 && self.writing.load(Ordering::SeqCst) == 0
    }

    /// Waits for the foreign programs' turn to write. Nothing once the end has come.
    pub(super) fn write(&self, crew: &Crew) -> Option<Writing<'_>> {
        while !crew.is_over() {
            let (strays, into) = self.place();
            if !strays && into >= SETTLE {
                self.writing.fetch_add(1, Ordering::SeqCst);
                return Some(Writing(self));
            }
            pace::rest(LOOK_AGAIN);
        }
        None
    }

    /// Whether it is the turn of those who give away locks, and how long already.
    fn place(&self) -> (bool, Duration) {
        let since = self.since.elapsed();
        let turns = since.as_secs() / TURN.as_secs();
        let into = since.saturating_sub(Duration::from_secs(turns * TURN.as_secs()));
        (turns.is_multiple_of(2), into)
    }
}
