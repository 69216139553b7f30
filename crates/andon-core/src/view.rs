//! What a command may look at: a store loads a [`View`] for the [`Needs`] of a command, inside the
//! command's own transaction. Loading costs what the task's neighbourhood costs, never the board.

use crate::id::{RunId, TaskId};
use crate::run::Run;
use crate::task::{Status, Task};

/// How many open parents are named in a refusal; the rest is counted.
pub const OPEN_PARENTS_NAMED: usize = 10;

/// What to load before deciding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs<'a> {
    /// The task that the command is about, with its current run.
    pub subject: Option<&'a TaskId>,
    /// This run instead of the current one, open or not.
    pub run: Option<RunId>,
    /// The subject's newest completed run, if it has no open one.
    pub last_completed: bool,
    /// An earlier run of the subject whose processes are not confirmed gone.
    pub lingering: bool,
    /// The subject's open parents.
    pub parents: bool,
    /// The subject's children, and whether each would be free without the subject.
    pub children: bool,
    /// Tasks named beside the subject: parents of a create, cards claimed, ids in prose.
    pub known: Vec<TaskId>,
    /// Newest task that is not archived with this key.
    pub idempotency_key: Option<&'a str>,
    /// Whether the link exists, and whether it would close a circle.
    pub link: Option<(&'a TaskId, &'a TaskId)>,
    /// Whether the board is paused.
    pub pause: bool,
    /// An id that no task has.
    pub fresh_id: bool,
}

/// What was loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The subject.
    pub task: Option<Task>,
    /// Its current run, or the one asked for.
    pub run: Option<Run>,
    /// Newest completed run.
    pub last_completed: Option<RunId>,
    /// Run whose processes still end.
    pub lingering: Option<RunId>,
    /// Open parents.
    pub open_parents: OpenParents,
    /// Children, by id.
    pub children: Vec<Child>,
    /// Those of the tasks asked for that exist.
    pub known: Vec<Known>,
    /// Task with the same key.
    pub same_key: Option<(TaskId, Status)>,
    /// State of the link asked for.
    pub link: LinkState,
    /// Pause in force.
    pub paused: Option<Pause>,
    /// Free id.
    pub fresh_id: Option<TaskId>,
}

/// Parents that hold a task back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenParents {
    /// How many, all of them.
    pub count: usize,
    /// The first [`OPEN_PARENTS_NAMED`] by id.
    pub named: Vec<TaskId>,
}

/// A child of the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Id.
    pub id: TaskId,
    /// Where it stands.
    pub status: Status,
    /// Whether another parent is open.
    pub others: OtherParents,
}

/// Whether a child waits for somebody else, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherParents {
    /// At least one other parent is open.
    SomeOpen,
    /// All others are finished, or there are none.
    AllClosed,
}

/// A task named beside the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Id.
    pub id: TaskId,
    /// Where it stands. Nothing where another program wrote a word that is not known here: such a
    /// task exists, and must not keep a task that only names it from its end.
    pub status: Option<Status>,
    /// Who made it.
    pub created_by: Option<String>,
    /// Whether it is a child of the subject.
    pub child_of_subject: bool,
}

impl Known {
    /// Whether children need not wait for it. What nobody knows is waited for.
    pub fn releases_children(&self) -> bool {
        self.status.is_some_and(Status::releases_children)
    }
}

/// State of a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LinkState {
    /// Not there, and may be made.
    #[default]
    Absent,
    /// There.
    Present,
    /// Not there, and would close a circle.
    WouldCycle,
}

/// A pause of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Who paused it.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub at: crate::time::Timestamp,
}

impl View {
    /// Looks up a task named beside the subject.
    pub fn known(&self, id: &TaskId) -> Option<&Known> {
        self.known.iter().find(|known| known.id == *id)
    }
}
