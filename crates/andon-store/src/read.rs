//! Reads. None of them changes anything (S9).

use crate::StoreError;
use andon_core::event::Event;
use andon_core::id::{Assignee, EventId, RunId, TaskId};
use andon_core::run::Run;
use andon_core::task::{Claim, Status, Task};
use andon_core::time::Timestamp;
use andon_core::view::{OpenParents, Pause};

/// Order of a list (surfaces reference §2). Every order ends with the id, so that it is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "named as the `--sort` words")]
pub enum SortOrder {
    Created,
    CreatedDesc,
    #[default]
    Priority,
    PriorityDesc,
    Status,
    Assignee,
    Title,
    Updated,
}

/// Which tasks to list. Empty lists and absent values mean: any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListFilter {
    /// Any of these; empty: all but archived.
    pub statuses: Vec<Status>,
    /// Archived ones, too, where no status is named.
    pub archived: Archived,
    /// Whose.
    pub assignee: AssigneeFilter,
    /// Tenant.
    pub tenant: Option<String>,
    /// Session.
    pub session_id: Option<String>,
    /// Workflow template.
    pub workflow_template_id: Option<String>,
    /// Step.
    pub current_step_key: Option<String>,
    /// Text that title or body contains, whatever the case of their letters
    /// ([`search::folded`](crate::search::folded)).
    pub search: Option<String>,
    /// Order.
    pub sort: SortOrder,
    /// At most so many.
    pub limit: Option<usize>,
    /// After so many.
    pub offset: usize,
}

/// Whether archived tasks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Archived {
    /// No.
    #[default]
    Hidden,
    /// Yes.
    Shown,
}

/// Whose tasks to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AssigneeFilter {
    /// Everybody's.
    #[default]
    Any,
    /// Nobody's.
    Nobody,
    /// This one's.
    Is(Assignee),
}

/// Which events to read, in order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    /// Only of this task.
    pub task: Option<TaskId>,
    /// Only later than this one.
    pub after: Option<EventId>,
    /// Only of these kinds; empty: all.
    pub kinds: Vec<String>,
    /// At most so many.
    pub limit: usize,
    /// What becomes of those that cannot be read.
    pub odd: OddEvents,
}

/// What becomes of an event that no release of ours writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OddEvents {
    /// It is an error that names it: for people, who should know.
    #[default]
    Told,
    /// It is passed over, and fewer events than asked for still mean that there are no more: for
    /// the dispatcher, which must not stop (D31).
    PassedOver,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of board reference §4")]
pub struct Comment {
    pub id: i64,
    pub task: TaskId,
    pub author: String,
    pub body: String,
    pub at: Timestamp,
}

/// The newest rows of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest<T> {
    /// They, oldest first.
    pub rows: Vec<T>,
    /// How many there are before them.
    pub earlier: usize,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of board reference §4")]
pub struct AttachmentRow {
    pub id: i64,
    pub task: TaskId,
    pub filename: String,
    pub stored_path: String,
    pub content_type: Option<String>,
    pub size: i64,
    pub uploaded_by: Option<String>,
    pub at: Timestamp,
}

/// A task's neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkEnds {
    /// By id.
    pub parents: Vec<TaskId>,
    /// By id.
    pub children: Vec<TaskId>,
}

/// Counts of a board (dispatch reference §12).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// All but archived, in the order of [`Status::ALL`]; absent where zero.
    pub by_status: Vec<(Status, u64)>,
    /// By assignee, in order of name.
    pub by_assignee: Vec<AssigneeCounts>,
    /// When the longest waiting ready task became ready.
    pub oldest_ready: Option<Timestamp>,
}

/// Counts of one assignee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssigneeCounts {
    /// Who.
    pub assignee: Assignee,
    /// Of what.
    pub counts: Vec<(Status, u64)>,
}

/// A task that could be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueEntry {
    /// Task.
    pub task: TaskId,
    /// Whose.
    pub assignee: Option<Assignee>,
    /// Higher first.
    pub priority: i64,
    /// Older first.
    pub created_at: Timestamp,
    /// `ready` or `review`.
    pub status: Status,
}

/// A running task with its run, for the dispatcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRunRow {
    /// Task.
    pub task: TaskId,
    /// Whose.
    pub assignee: Option<Assignee>,
    /// Its current run, if it has one.
    pub run: Option<Run>,
}

/// A running task whose lease ran out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredClaim {
    /// Task.
    pub task: TaskId,
    /// Holder.
    pub claim: Option<Claim>,
    /// Worker, as the row names it.
    pub worker_pid: Option<i64>,
    /// Its current run.
    pub run: Option<Run>,
}

/// A scheduled task and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTask {
    /// Task.
    pub task: TaskId,
    /// Time.
    pub at: Timestamp,
}

/// A place in the store's own order of tasks. [`Cursor::START`] is before all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64);

impl Cursor {
    /// Before every task.
    pub const START: Cursor = Cursor(i64::MIN);
}

/// A slice of the waiting tasks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettledPage {
    /// Those that wait for nothing.
    pub ready: Vec<TaskId>,
    /// Where the next slice begins; absent at the end.
    pub next: Option<Cursor>,
}

/// Everything that can be read from a board.
pub trait Read {
    /// One task.
    fn task_get(&self, id: &TaskId) -> Result<Option<Task>, StoreError>;
    /// Tasks, filtered and ordered.
    fn task_list(&self, filter: &ListFilter) -> Result<Vec<Task>, StoreError>;
    /// Neighbours of a task.
    fn links(&self, id: &TaskId) -> Result<LinkEnds, StoreError>;
    /// Parents that hold a task back.
    fn open_parents(&self, id: &TaskId) -> Result<OpenParents, StoreError>;
    /// One run.
    fn run_get(&self, id: RunId) -> Result<Option<Run>, StoreError>;
    /// Runs of a task, by start and id.
    fn run_list(&self, task: &TaskId) -> Result<Vec<Run>, StoreError>;
    /// The newest runs of a task that have ended, by start and id. Others are not read.
    fn run_newest(&self, task: &TaskId, limit: usize) -> Result<Newest<Run>, StoreError>;
    /// The completed run of a task that began last.
    fn run_completed(&self, task: &TaskId) -> Result<Option<Run>, StoreError>;
    /// An earlier run of the task whose processes are not confirmed gone.
    fn run_lingering(&self, task: &TaskId) -> Result<Option<Run>, StoreError>;
    /// The newest completed runs of a profile on other tasks, for a worker's context.
    fn run_recent(&self, profile: &str, but: &TaskId, limit: usize)
    -> Result<Vec<Run>, StoreError>;
    /// Comments of a task, by time and id.
    fn comment_list(&self, task: &TaskId) -> Result<Vec<Comment>, StoreError>;
    /// The newest comments of a task, by time and id. Others are not read.
    fn comment_newest(&self, task: &TaskId, limit: usize) -> Result<Newest<Comment>, StoreError>;
    /// Attachments of a task, by time and id.
    fn attachment_list(&self, task: &TaskId) -> Result<Vec<AttachmentRow>, StoreError>;
    /// Events, by id.
    fn event_list(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError>;
    /// Id of the newest event.
    fn event_last(&self) -> Result<Option<EventId>, StoreError>;
    /// Tasks by status, archived ones included, in the order of [`Status::ALL`]; absent where
    /// zero. No task is read for it, however large they are.
    fn status_counts(&self) -> Result<Vec<(Status, u64)>, StoreError>;
    /// Counts.
    fn stats(&self) -> Result<Stats, StoreError>;
    /// Pause in force.
    fn pause_get(&self) -> Result<Option<Pause>, StoreError>;

    /// Heads of the ready queues: for each assignee (nobody included) up to `each` tasks that may
    /// be claimed at `at`, in the fair order. Work grows with the answer, not with the queues.
    fn queue_heads(&self, at: Timestamp, each: usize) -> Result<Vec<QueueEntry>, StoreError>;
    /// Running tasks, with their runs.
    fn run_open_list(&self) -> Result<Vec<OpenRunRow>, StoreError>;
    /// Runs that ended while their process trees are not confirmed gone.
    fn run_lingering_list(&self, limit: usize) -> Result<Vec<Run>, StoreError>;
    /// Running tasks whose lease ran out before `at`, or that have none.
    fn claim_expired(&self, at: Timestamp, limit: usize) -> Result<Vec<ExpiredClaim>, StoreError>;
    /// Scheduled tasks due by `at`, soonest first.
    fn due_list(&self, at: Timestamp, limit: usize) -> Result<Vec<DueTask>, StoreError>;
    /// The next time at which something falls due by itself: a schedule, the end of a wait, a
    /// lease.
    fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Waiting tasks with no open parent among the next `scan` waiting ones: the safety pass looks
    /// at a bounded slice each time, so that an idle tick costs the same on every board.
    fn settled_page(&self, after: Cursor, scan: usize) -> Result<SettledPage, StoreError>;
}
