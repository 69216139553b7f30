//! What a decision asks the store to write: all of it, in one commit, and nothing else.

use crate::event::NewEvent;
use crate::id::{Assignee, RunId, TaskId};
use crate::process::Process;
use crate::run::{Exit, JsonText, RunOutcome, Stop, Usage};
use crate::task::{BlockMemory, Claim, GoalMode, Hold, Status, Task, Workspace};
use crate::time::{Seconds, Timestamp};
use crate::view::Pause;

/// A run that exists, or the one that this same transition opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunRef {
    /// Opened (or synthesised) by this transition; the store knows its id once written.
    New,
    /// Existing.
    Known(RunId),
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// What to write, in order.
    pub writes: Vec<Write>,
    /// What to tell the caller.
    pub outcome: Outcome,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Adds a task.
    InsertTask(Box<NewTask>),
    /// Replaces everything about where a task stands.
    SetState {
        /// Task.
        task: TaskId,
        /// All of it.
        state: Box<State>,
    },
    /// Moves a resting task; everything else about it stays. For children that become ready.
    SetStatus {
        /// Task.
        task: TaskId,
        /// Where from: the store asserts it.
        from: Status,
        /// Where to.
        to: Resting,
    },
    /// Renews a lease on task and run.
    SetLease {
        /// Task.
        task: TaskId,
        /// Run.
        run: Option<RunId>,
        /// New end.
        expires: Timestamp,
        /// Sign of life, where it was one.
        heartbeat: Option<Timestamp>,
    },
    /// Records the worker's process number on task and run.
    SetWorkerPid {
        /// Task.
        task: TaskId,
        /// Run.
        run: RunId,
        /// Process number.
        pid: i64,
    },
    /// Changes descriptive fields.
    SetFields {
        /// Task.
        task: TaskId,
        /// Those that change.
        fields: Box<Fields>,
    },
    /// Assigns, and resets the failure counters when the assignee changes.
    SetAssignee {
        /// Task.
        task: TaskId,
        /// New assignee.
        assignee: Option<Assignee>,
    },
    /// Replaces what Andon keeps beside the task.
    SetHold {
        /// Task.
        task: TaskId,
        /// All of it.
        hold: Hold,
    },
    /// Opens a run; later writes call it [`RunRef::New`].
    OpenRun(Box<OpenRun>),
    /// Closes an open run and clears its claim.
    CloseRun {
        /// Run.
        run: RunId,
        /// How.
        end: Box<RunEnd>,
    },
    /// Adds a closed run of zero length, for an end without a beginning.
    SynthesizeRun {
        /// Task.
        task: TaskId,
        /// Profile.
        profile: Option<Assignee>,
        /// Step.
        step_key: Option<String>,
        /// How.
        end: Box<RunEnd>,
    },
    /// Rewrites the hand-off of a closed run.
    EditRun {
        /// Run.
        run: RunId,
        /// New summary.
        summary: Option<String>,
        /// New metadata, if given.
        metadata: Option<JsonText>,
    },
    /// Records who keeps a run.
    RegisterKeeper {
        /// Run.
        run: RunId,
        /// Runner.
        runner: Process,
        /// Worker.
        worker: Process,
    },
    /// Asks the runner to end a run.
    RequestStop {
        /// Run.
        run: RunId,
        /// Wish.
        stop: Stop,
    },
    /// Records that a run's process tree is gone.
    TreeGone {
        /// Run.
        run: RunId,
        /// How the worker ended.
        exit: Exit,
        /// What it used.
        usage: Usage,
    },
    /// Adds a link.
    AddLink {
        /// Parent.
        parent: TaskId,
        /// Child.
        child: TaskId,
    },
    /// Removes a link.
    RemoveLink {
        /// Parent.
        parent: TaskId,
        /// Child.
        child: TaskId,
    },
    /// Adds a comment.
    AddComment {
        /// Task.
        task: TaskId,
        /// Author.
        author: String,
        /// Text.
        body: String,
    },
    /// Adds an event.
    AddEvent {
        /// Task.
        task: TaskId,
        /// Run, where it belongs to one.
        run: Option<RunRef>,
        /// What happened.
        event: Box<NewEvent>,
    },
    /// Pauses the board, or resumes it.
    SetPause(Option<Pause>),
}

/// A task to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are those of `Task`")]
pub struct NewTask {
    pub id: TaskId,
    pub title: String,
    pub body: Option<String>,
    pub assignee: Option<Assignee>,
    pub status: Resting,
    pub priority: i64,
    pub created_by: Option<String>,
    pub workspace: Workspace,
    pub project_id: Option<String>,
    pub tenant: Option<String>,
    pub idempotency_key: Option<String>,
    pub max_runtime: Option<Seconds>,
    pub skills: Option<Vec<String>>,
    pub model_override: Option<String>,
    pub max_retries: Option<i64>,
    pub goal_mode: GoalMode,
    pub goal_max_turns: Option<i64>,
    pub session_id: Option<String>,
    pub block: BlockMemory,
}

/// A status in which no run is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `Status`")]
pub enum Resting {
    Triage,
    Todo,
    Scheduled,
    Ready,
    Blocked,
    Review,
    Done,
    Archived,
}

impl Resting {
    /// The status.
    pub const fn status(self) -> Status {
        match self {
            Self::Triage => Status::Triage,
            Self::Todo => Status::Todo,
            Self::Scheduled => Status::Scheduled,
            Self::Ready => Status::Ready,
            Self::Blocked => Status::Blocked,
            Self::Review => Status::Review,
            Self::Done => Status::Done,
            Self::Archived => Status::Archived,
        }
    }
}

/// Where a task stands, with what must go along. A resting task has no claim, no worker and no
/// open run: there is no way to write one that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The status and what belongs to it.
    pub stage: Stage,
    /// First claim ever.
    pub started_at: Option<Timestamp>,
    /// When finished.
    pub completed_at: Option<Timestamp>,
    /// What came out.
    pub result: Option<String>,
    /// Failures in a row.
    pub failures: i64,
    /// Text of the last one.
    pub last_error: Option<String>,
    /// Memory of the loop breaker.
    pub block: BlockMemory,
}

/// Status with its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// No run is open. Heartbeats never outlive the run that sent them (B16, D19).
    Resting(Resting),
    /// A run is open.
    Running {
        /// Run.
        run: RunRef,
        /// Holder.
        claim: Claim,
    },
}

impl Stage {
    /// The status.
    pub const fn status(&self) -> Status {
        match self {
            Self::Resting(resting) => resting.status(),
            Self::Running { .. } => Status::Running,
        }
    }
}

impl State {
    /// The task at rest in `to`, all else as it is.
    pub fn resting(task: &Task, to: Resting) -> Self {
        Self {
            stage: Stage::Resting(to),
            started_at: task.started_at,
            completed_at: task.completed_at,
            result: task.result.clone(),
            failures: task.consecutive_failures,
            last_error: task.last_failure_error.clone(),
            block: task.block,
        }
    }
}

/// Descriptive fields that an edit may change; absent ones stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are those of `Task`")]
pub struct Fields {
    pub title: Option<String>,
    pub body: Option<Option<String>>,
    pub priority: Option<i64>,
    pub tenant: Option<Option<String>>,
    pub max_runtime: Option<Option<Seconds>>,
    pub max_retries: Option<Option<i64>>,
    pub skills: Option<Option<Vec<String>>>,
    pub model_override: Option<Option<String>>,
    pub workspace: Option<Workspace>,
    pub result: Option<Option<String>>,
}

/// A run to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRun {
    /// Task.
    pub task: TaskId,
    /// Profile.
    pub profile: Option<Assignee>,
    /// Copied from the task.
    pub step_key: Option<String>,
    /// Holder.
    pub claim: Claim,
    /// Bound.
    pub max_runtime: Option<Seconds>,
    /// For claims by a dispatcher.
    pub keeper: Option<NewKeeper>,
}

/// Who will keep a run that a dispatcher claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeeper {
    /// Status that the claim is taken from.
    pub came_from: Status,
    /// Dispatcher.
    pub claimer: Process,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// Outcome.
    pub outcome: RunOutcome,
    /// Hand-off text.
    pub summary: Option<String>,
    /// Hand-off data.
    pub metadata: Option<JsonText>,
    /// What went wrong.
    pub error: Option<String>,
}

impl RunEnd {
    /// An end with a summary and nothing else.
    pub fn with_summary(outcome: RunOutcome, summary: Option<String>) -> Self {
        Self { outcome, summary, metadata: None, error: None }
    }

    /// An end with an error and nothing else.
    pub fn with_error(outcome: RunOutcome, error: String) -> Self {
        Self { outcome, summary: None, metadata: None, error: Some(error) }
    }

    /// The `status` column of a run closed by this end: `done` for a live run that completed
    /// (board reference §11).
    pub fn closed_status(&self) -> &'static str {
        match self.outcome {
            RunOutcome::Completed => "done",
            other => other.word(),
        }
    }
}

/// What a command did, for its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A task was made.
    Created {
        /// Task.
        task: TaskId,
        /// Where it stands.
        status: Status,
    },
    /// A task with the same key exists; nothing was written.
    Existing {
        /// Task.
        task: TaskId,
        /// Where it stands.
        status: Status,
    },
    /// A run was opened.
    Claimed {
        /// Task.
        task: TaskId,
        /// Holder.
        claim: Claim,
    },
    /// The claim was refused and the task sent back behind its parents.
    SentBack {
        /// Task.
        task: TaskId,
    },
    /// The task stands there now.
    Moved {
        /// Task.
        task: TaskId,
        /// Where it stands.
        to: Status,
    },
    /// The run's end was asked for; its runner carries it out.
    Stopping {
        /// Task.
        task: TaskId,
        /// Run.
        run: RunId,
    },
    /// Completion was refused because it names cards that do not exist; an event says so.
    HeldBack {
        /// Task.
        task: TaskId,
        /// Cards without a trace.
        phantoms: Vec<TaskId>,
    },
    /// Written; nothing more to say.
    Recorded {
        /// Task.
        task: TaskId,
    },
    /// It was so already; nothing was written.
    Unchanged,
    /// The board was paused or resumed.
    PauseSet,
}
