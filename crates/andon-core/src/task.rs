//! A task as the board holds it.

use crate::id::{Assignee, ClaimLock, RunId, TaskId};
use crate::policy::retry::FailureCounts;
use crate::time::{Seconds, Timestamp};
use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// All values, in the order in which they are listed to people.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The word that stands in the board file.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// Reads the word of the board file.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where a task stands (board reference §1).
    Status {
        /// An idea that nobody has made actionable yet.
        Triage = "triage",
        /// Waits for its parents.
        Todo = "todo",
        /// Parked, until a time or until somebody unblocks it.
        Scheduled = "scheduled",
        /// May be claimed.
        Ready = "ready",
        /// Claimed; a run is open.
        Running = "running",
        /// Needs a person.
        Blocked = "blocked",
        /// Finished by its worker and waiting to be looked at.
        Review = "review",
        /// Finished.
        Done = "done",
        /// Put away.
        Archived = "archived",
    }
}

impl Status {
    /// Whether children no longer wait for a task in this status. The one rule for `archived`
    /// parents (B13, D13, S13): they hold nobody back.
    pub const fn releases_children(self) -> bool {
        matches!(self, Status::Done | Status::Archived)
    }
}

words! {
    /// Why a worker could not go on.
    BlockKind {
        /// Another task must be finished first.
        Dependency = "dependency",
        /// A person must answer.
        NeedsInput = "needs_input",
        /// The worker lacks a tool or a right.
        Capability = "capability",
        /// Something outside is broken for now.
        Transient = "transient",
    }
}

words! {
    /// What directory a worker gets.
    WorkspaceKind {
        /// A directory of the task's own, made by Andon.
        Scratch = "scratch",
        /// A Git worktree.
        Worktree = "worktree",
        /// An existing directory.
        Dir = "dir",
    }
}

/// Where a task's worker works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Kind of directory.
    pub kind: WorkspaceKind,
    /// Absolute path, once known.
    pub path: Option<String>,
    /// Branch of a worktree.
    pub branch: Option<String>,
}

/// A hold on a running task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Proves the holder.
    pub lock: ClaimLock,
    /// When the hold lapses unless renewed; rows of other programs may lack it.
    pub expires: Option<Timestamp>,
}

/// What a block leaves behind for the loop breaker; only completion clears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlockMemory {
    /// Kind of the last block.
    pub kind: Option<BlockKind>,
    /// How often in a row the task was blocked with that kind.
    pub recurrences: i64,
}

/// What Andon keeps about a task beside the peer's columns. All-default means nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hold {
    /// No claim before this time: backoff after a failure.
    pub not_before: Option<Timestamp>,
    /// When a scheduled task becomes due by itself.
    pub due_at: Option<Timestamp>,
    /// Failures since the last success or human decision, by cause.
    pub failures: FailureCounts,
    /// The task was promoted by hand although parents are open; the claim respects it (D9).
    pub past_parents: PastParents,
}

/// Whether open parents still hold a task back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PastParents {
    /// The ordinary rule: every parent must be done or archived.
    #[default]
    Wait,
    /// Somebody promoted the task past them.
    Overruled,
}

/// A task, all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Id.
    pub id: TaskId,
    /// One line.
    pub title: String,
    /// Briefing.
    pub body: Option<String>,
    /// Profile that shall do it.
    pub assignee: Option<Assignee>,
    /// Where it stands.
    pub status: Status,
    /// Higher goes first.
    pub priority: i64,
    /// Who made it.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// First claim ever.
    pub started_at: Option<Timestamp>,
    /// When it was finished.
    pub completed_at: Option<Timestamp>,
    /// Directory of its worker.
    pub workspace: Workspace,
    /// Project in the creator's own records.
    pub project_id: Option<String>,
    /// Present holder.
    pub claim: Option<Claim>,
    /// Free-form namespace.
    pub tenant: Option<String>,
    /// What came out.
    pub result: Option<String>,
    /// Key under which a repeated create finds this task.
    pub idempotency_key: Option<String>,
    /// Failures in a row, as the peer counts them.
    pub consecutive_failures: i64,
    /// Text of the last failure.
    pub last_failure_error: Option<String>,
    /// Process number of the present worker.
    pub worker_pid: Option<i64>,
    /// Bound on one run.
    pub max_runtime: Option<Seconds>,
    /// Last sign of life of the present run.
    pub last_heartbeat_at: Option<Timestamp>,
    /// Open run.
    pub current_run: Option<RunId>,
    /// Stored, not interpreted.
    pub workflow_template_id: Option<String>,
    /// Stored; copied to new runs.
    pub current_step_key: Option<String>,
    /// Skills for the worker; absent and empty differ in the file.
    pub skills: Option<Vec<String>>,
    /// Model for the worker.
    pub model_override: Option<String>,
    /// The task's own failure limit.
    pub max_retries: Option<i64>,
    /// Goal-loop worker.
    pub goal_mode: GoalMode,
    /// Turn budget of the goal loop.
    pub goal_max_turns: Option<i64>,
    /// Session that made the task.
    pub session_id: Option<String>,
    /// Memory of the loop breaker.
    pub block: BlockMemory,
    /// Andon's own.
    pub hold: Hold,
}

/// Whether the worker runs a goal loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GoalMode {
    /// One pass.
    #[default]
    Off,
    /// Until a judge is satisfied.
    On,
}
