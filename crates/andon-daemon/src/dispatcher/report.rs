//! What one pass of the dispatcher did and found (dispatch reference §8.3), and why the tasks
//! that it did not start are waiting.

use andon_core::id::{Assignee, RunId, TaskId};
use andon_core::policy::admission::Capped;
use andon_core::time::Timestamp;
use andon_core::view::Pause;
use andon_store::StoreError;
use std::path::PathBuf;

/// A worker that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spawned {
    /// Task.
    pub task: TaskId,
    /// Its run.
    pub run: RunId,
    /// Profile.
    pub assignee: Assignee,
    /// Directory that it works in; empty in a rehearsal, which makes none.
    pub workspace: PathBuf,
}

/// A start of which no worker came. The task keeps its place, or is blocked if that happened too
/// often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedStart {
    /// Task.
    pub task: TaskId,
    /// The run that ended before it began.
    pub run: Option<RunId>,
    /// Why, as the board has it.
    pub error: String,
}

/// What keeps a task that could otherwise start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// The board runs as many workers as it may.
    BoardFull {
        /// How many run, are being started, or have reported their end and still run.
        running: usize,
    },
    /// Enough starts are under way; it comes next.
    NextStart,
    /// It failed and waits.
    CoolingDown {
        /// Until then.
        until: Timestamp,
    },
    /// Processes of an earlier run are still ending.
    StillEnding {
        /// The run.
        run: RunId,
    },
}

/// A waiting task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Task.
    pub task: TaskId,
    /// Why.
    pub why: Wait,
}

/// A part of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Runs whose runner died.
    Lost,
    /// Leases that ran out.
    Expired,
    /// Schedules.
    Due,
    /// Children that became free.
    Settle,
    /// Claims.
    Claim,
    /// Starting a worker.
    Start,
}

impl Phase {
    /// Its name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Expired => "expired",
            Self::Due => "due",
            Self::Settle => "settle",
            Self::Claim => "claim",
            Self::Start => "start",
        }
    }
}

/// Something that failed; the rest of the pass went on (D31).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub phase: Phase,
    /// On which task, where it was one.
    pub task: Option<TaskId>,
    /// What happened.
    pub error: StoreError,
}

/// One pass. Lists are in the order in which things were done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TickReport {
    /// Claims that were taken back.
    pub reclaimed: usize,
    /// Tasks that became ready because nothing holds them any more.
    pub promoted: usize,
    /// Workers started.
    pub spawned: Vec<Spawned>,
    /// Starts that failed, as the board has counted them.
    pub failed_starts: Vec<FailedStart>,
    /// Tasks without assignee, on a board without a default one.
    pub skipped_unassigned: Vec<TaskId>,
    /// Tasks that got the default assignee.
    pub auto_assigned_default: Vec<TaskId>,
    /// Tasks whose assignee is no profile, or one for which nothing is started.
    pub skipped_nonspawnable: Vec<TaskId>,
    /// Tasks that wait for a place of their profile.
    pub skipped_per_profile_capped: Vec<Capped>,
    /// Tasks whose run was lost or crashed.
    pub crashed: Vec<TaskId>,
    /// Tasks whose breaker opened.
    pub auto_blocked: Vec<TaskId>,
    /// Tasks whose run took too long.
    pub timed_out: Vec<TaskId>,
    /// Tasks whose run gave no sign of life.
    pub stale: Vec<TaskId>,
    /// Tasks whose provider throttled them.
    pub rate_limited: Vec<TaskId>,
    /// Always empty: where the peer guesses from texts, Andon waits after failures. Kept for
    /// readers of the peer's format.
    pub respawn_guarded: Vec<(TaskId, String)>,
    /// Another dispatcher has the board; nothing was done.
    pub skipped_locked: bool,
    /// The board is paused: nothing was started.
    pub paused: Option<Pause>,
    /// Tasks that wait for something of the dispatcher's.
    pub waiting: Vec<Waiting>,
    /// What failed.
    pub errors: Vec<Failure>,
}

impl TickReport {
    /// Whether the pass changed anything or failed at something. Waiting is neither.
    pub fn is_quiet(&self) -> bool {
        self.reclaimed == 0
            && self.promoted == 0
            && self.spawned.is_empty()
            && self.failed_starts.is_empty()
            && self.auto_assigned_default.is_empty()
            && self.crashed.is_empty()
            && self.auto_blocked.is_empty()
            && self.timed_out.is_empty()
            && self.stale.is_empty()
            && self.rate_limited.is_empty()
            && self.errors.is_empty()
    }

    /// The first failure that puts the board itself in doubt. A single row that cannot be read
    /// does not: it is reported, and the rest of the board goes on.
    pub fn board_trouble(&self) -> Option<&StoreError> {
        self.errors.iter().map(|failure| &failure.error).find(|error| error.is_board_trouble())
    }

    /// Notes a failure.
    pub(super) fn fail(&mut self, phase: Phase, task: Option<&TaskId>, error: StoreError) {
        self.errors.push(Failure { phase, task: task.cloned(), error });
    }
}
