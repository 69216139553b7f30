//! The dispatcher: one thread for each board, which starts workers for ready tasks and settles
//! what happens by itself: lost runs, lapsed leases, schedules, children that became free.
//!
//! It is woken by commits, by the ends of runners and by the time of what is next; a full pass at
//! every interval is the safety net. Each phase is a file: `plan` decides and touches nothing,
//! `apply` carries out. `tick` alone knows their order. Nothing here prints, and
//! nothing here ends a living worker: that is its runner's.

mod backup;
mod board;
mod claim;
mod due;
pub mod expired;
mod finished;
mod jobs;
mod leaving;
mod lock;
pub mod lost;
mod observer;
mod once;
pub mod places;
mod report;
mod runners;
mod serve;
mod settle;
mod stand_in;
mod start;
mod survey;
mod tick;
mod timer;
mod wake;
mod ward;

pub use backup::Backups;
pub use board::IdentityError;
pub use lock::LockError;
pub use observer::{Notice, Observer, Unobserved};
pub use once::{plan_once, tick_once};
pub use report::{FailedStart, Failure, Phase, Spawned, TickReport, Wait, Waiting};
pub use stand_in::{Settled, StandIn};
pub use survey::{Stranded, Stranding, SurveyError, survey};

use crate::config::Config;
use crate::env::Env;
use crate::home::{Home, Layout};
use crate::profile::Profiles;
use andon_core::id::BoardSlug;
use andon_store::{Clock, Store, StoreError};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use wake::Control;

/// Opens the board. Called again after trouble; may be called from the dispatcher's thread only.
pub type Opener = Arc<dyn Fn() -> Result<Arc<dyn Store>, StoreError> + Send + Sync>;

/// Checks a board that failed: `Ok` if its file is in order, as far as can be told.
pub type Probe = Arc<dyn Fn() -> Result<(), StoreError> + Send + Sync>;

/// 32 random bits.
pub type Random = Arc<dyn Fn() -> u32 + Send + Sync>;

/// What to do when another dispatcher has the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartMode {
    /// Wait, and take over when that one ends.
    StandBy,
    /// End with [`DispatchError::Held`].
    Alone,
}

/// A dispatcher's surroundings, all of them given.
#[derive(Clone)]
pub struct Options {
    /// The home.
    pub home: Home,
    /// The board's paths.
    pub layout: Layout,
    /// The board's settings.
    pub config: Config,
    /// Who can work.
    pub profiles: Arc<Profiles>,
    /// The board's default directory, for worktrees without a path.
    pub default_workdir: Option<PathBuf>,
    /// The `andon` program: it keeps the runs, and workers are told its name.
    pub andon: PathBuf,
    /// The environment that workers may inherit from.
    pub env: Arc<Env>,
    /// Soft limit of open files for runners and workers; absent: that of this process.
    pub open_files: Option<u64>,
    /// What to do when another dispatcher has the board.
    pub mode: StartMode,
    /// Opens the board.
    pub open: Opener,
    /// Checks it.
    pub probe: Probe,
    /// Makes backups.
    pub backups: Arc<dyn Backups>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes locks and requests unlike all others.
    pub random: Random,
    /// Watches.
    pub observer: Arc<dyn Observer>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("layout", &self.layout)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl Options {
    fn slug(&self) -> &BoardSlug {
        self.layout.slug()
    }

    fn notice(&self, notice: &Notice<'_>) {
        self.observer.notice(self.slug(), notice);
    }
}

/// Why a dispatcher could not begin, or not go on.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// Another dispatcher has the board.
    #[error("another dispatcher serves board {0}")]
    Held(BoardSlug),
    /// The lock cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused the lock while it was waited for.
    #[error("the wait for the dispatch lock of board {0} failed")]
    LockWait(BoardSlug),
    /// This process cannot be told apart.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The board is in quarantine.
    #[error("board {slug} is in quarantine: {reason}")]
    Quarantined {
        /// The board.
        slug: BoardSlug,
        /// Why.
        reason: String,
    },
    /// The board failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system refused something that a dispatcher needs.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was attempted.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A fault of this program.
    #[error("the dispatcher of board {slug} failed: {what}")]
    Fault {
        /// The board.
        slug: BoardSlug,
        /// What happened.
        what: String,
    },
}

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// At once: workers go on under their runners, and the next dispatcher adopts them.
    Leave,
    /// When no run of the board's is open any more; nothing new is started.
    Drain,
}

/// A dispatcher that runs.
#[derive(Debug)]
pub struct Handle {
    slug: BoardSlug,
    control: Arc<Control>,
    thread: JoinHandle<Result<(), DispatchError>>,
}

/// Starts dispatchers.
#[derive(Debug, Clone, Copy)]
pub struct Dispatcher;

impl Dispatcher {
    /// Starts a dispatcher on a thread of its own.
    pub fn spawn(options: Options) -> Result<Handle, DispatchError> {
        let control = Control::new()
            .map_err(|source| DispatchError::System { doing: "make an event", source })?;
        let control = Arc::new(control);
        let slug = options.slug().clone();
        let (options, its_control) = (Arc::new(options), Arc::clone(&control));
        let thread = std::thread::Builder::new()
            .name(format!("andon-{slug}"))
            .spawn(move || serve::run(options, its_control))
            .map_err(|source| DispatchError::System { doing: "start a thread", source })?;
        Ok(Handle { slug, control, thread })
    }
}

impl Handle {
    /// The board.
    pub fn slug(&self) -> &BoardSlug {
        &self.slug
    }

    /// Asks it to stop; [`Handle::join`] waits until it has. The last wish counts.
    pub fn stop(&self, stop: Stop) {
        self.control.ask_to_stop(stop);
    }

    /// Asks it to work with these surroundings of the same board from now on. It keeps the lock,
    /// the runners that it watches and the starts under way.
    pub fn reload(&self, options: Options) {
        self.control.ask_to_reload(options);
    }

    /// Asks for a full pass now.
    pub fn wake(&self) {
        self.control.ask_for_pass();
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for its end.
    pub fn join(self) -> Result<(), DispatchError> {
        let fault = |panic: Box<dyn std::any::Any + Send>| DispatchError::Fault {
            slug: self.slug.clone(),
            what: jobs::panic_text(panic.as_ref()),
        };
        self.thread.join().map_err(fault)?
    }
}
