//! What a decision asks the store to write: all of it, in one commit, and nothing else.

mod runs;
mod state;

pub use runs::{NewKeeper, OpenRun, RunEnd};
pub use state::{Resting, Stage, State};

use crate::event::NewEvent;
use crate::id::{Assignee, RunId, TaskId};
use crate::process::Process;
use crate::run::{Exit, JsonText, Stop, Usage};
use crate::task::{BlockMemory, Claim, GoalMode, Hold, Status, Workspace};
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
    /// Rewrites what came out of a finished task.
    SetResult {
        /// Task.
        task: TaskId,
        /// New result.
        result: String,
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
