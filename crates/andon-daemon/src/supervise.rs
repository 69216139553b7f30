//! All boards of a home: one dispatcher for each, none of which can stop another. Boards that
//! appear get a dispatcher, boards that disappear lose theirs, and the one of a board whose
//! settings change works by the new ones from then on.
//!
//! It starts and stops dispatchers and knows nothing of what they do.

mod notices;
mod stamp;
mod team;

use crate::dispatcher::{DispatchError, Options, Stop};
use crate::home::{Home, Layout};
use andon_core::id::BoardSlug;
use rustix::event::{EventfdFlags, eventfd};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use team::Team;

/// Makes the surroundings of a board's dispatcher: reads its settings, knows how to open it. A
/// failure keeps this board without a dispatcher until the next look, and no other.
pub type Equip = Arc<dyn Fn(&Layout) -> Result<Options, String> + Send + Sync>;

/// Hears what becomes of boards.
pub type Listener = Arc<dyn Fn(&Change<'_>) + Send + Sync>;

/// What became of a board.
#[derive(Debug)]
pub enum Change<'a> {
    /// A dispatcher was started for it.
    Added(&'a BoardSlug),
    /// It is gone or archived; its dispatcher was stopped.
    Removed(&'a BoardSlug),
    /// Its settings or profiles changed and cannot be used; those from before stay in force.
    NotReloaded {
        /// The board.
        board: &'a BoardSlug,
        /// Why.
        why: &'a str,
    },
    /// It could not be given a dispatcher, or lost it.
    Failed {
        /// The board.
        board: &'a BoardSlug,
        /// Why.
        why: &'a str,
    },
    /// The boards could not be listed.
    Unlisted {
        /// Why.
        why: &'a str,
    },
}

/// Which boards of a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All that there are, now and later.
    All,
    /// This one. The supervisor ends with its dispatcher.
    Only(BoardSlug),
}

/// Why a supervisor ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// The system refused to wait.
    #[error("cannot supervise the boards")]
    System(#[from] io::Error),
    /// The dispatcher of the only board ended.
    #[error(transparent)]
    Dispatch(#[from] DispatchError),
}

/// Dispatchers for the boards of a home, until stopped.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    thread: JoinHandle<Result<(), SuperviseError>>,
}

#[derive(Debug)]
struct Shared {
    stop: Mutex<Option<Stop>>,
    /// Boards that have a dispatcher; nothing before they were looked at for the first time.
    served: Mutex<Option<Vec<Layout>>>,
    wake: OwnedFd,
}

impl Supervisor {
    /// Starts it on a thread of its own.
    pub fn spawn(home: Home, which: Which, equip: Equip, listener: Listener) -> io::Result<Self> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let shared = Arc::new(Shared { stop: Mutex::new(None), served: Mutex::new(None), wake });
        let its_shared = Arc::clone(&shared);
        let team = Team::new(home, which, equip, listener);
        let thread = std::thread::Builder::new()
            .name("andon-boards".to_owned())
            .spawn(move || team.supervise(&its_shared))?;
        Ok(Self { shared, thread })
    }

    /// Asks all dispatchers to stop. The last wish counts.
    pub fn stop(&self, stop: Stop) {
        *self.shared.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        // A counter that is full has been rung often enough.
        rustix::io::write(&self.shared.wake, &1_u64.to_ne_bytes()).ok();
    }

    /// The boards that have a dispatcher. A board is told to the listener before it is left out
    /// here because it failed. Nothing before the boards were looked at for the first time.
    pub fn served(&self) -> Option<Vec<Layout>> {
        self.shared.served.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until all dispatchers have stopped.
    pub fn join(self) -> Result<(), SuperviseError> {
        self.thread.join().map_err(|_| io::Error::other("the supervisor of boards failed"))?
    }
}

impl Shared {
    fn serves(&self, boards: Vec<Layout>) {
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = Some(boards);
    }

    fn stop(&self) -> Option<Stop> {
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
