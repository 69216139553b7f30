//! What a board consists of, and the questions that several parts ask of it.

use crate::Comment;
use andon_core::event::Event;
use andon_core::id::{EventId, OpId, RunId, TaskId};
use andon_core::run::Run;
use andon_core::task::Task;
use andon_core::view::Pause;
use std::collections::{BTreeMap, BTreeSet};

/// A board: all of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    pub(super) tasks: BTreeMap<TaskId, Task>,
    /// The tasks in the order in which they were made; a cursor counts them.
    pub(super) made: Vec<TaskId>,
    pub(super) runs: BTreeMap<RunId, Run>,
    /// Parent, child.
    pub(super) links: BTreeSet<(TaskId, TaskId)>,
    pub(super) comments: Vec<Comment>,
    pub(super) events: Vec<Event>,
    pub(super) ops: BTreeSet<OpId>,
    pub(super) pause: Option<Pause>,
    /// Changes so far.
    pub(super) commits: u64,
}

impl Board {
    /// Ids grow by one and are never given twice: nothing is ever deleted here.
    pub(super) fn next_run(&self) -> RunId {
        RunId(self.runs.last_key_value().map_or(1, |(id, _)| id.0 + 1))
    }

    pub(super) fn next_event(&self) -> EventId {
        EventId(self.events.last().map_or(1, |event| event.id.0 + 1))
    }

    pub(super) fn next_comment(&self) -> i64 {
        self.comments.last().map_or(1, |comment| comment.id + 1)
    }

    pub(super) fn parents<'b>(&'b self, child: &'b TaskId) -> impl Iterator<Item = &'b TaskId> {
        self.links.iter().filter(move |(_, to)| to == child).map(|(parent, _)| parent)
    }

    pub(super) fn children<'b>(&'b self, parent: &'b TaskId) -> impl Iterator<Item = &'b TaskId> {
        self.links.iter().filter(move |(from, _)| from == parent).map(|(_, child)| child)
    }

    /// Parents that hold a task back, by id. A parent that does not exist holds nobody back.
    pub(super) fn open_parents<'b>(
        &'b self,
        child: &'b TaskId,
    ) -> impl Iterator<Item = &'b TaskId> {
        self.parents(child).filter(|parent| self.is_open(parent))
    }

    fn is_open(&self, id: &TaskId) -> bool {
        self.tasks.get(id).is_some_and(|task| !task.status.releases_children())
    }

    pub(super) fn runs_of<'b>(&'b self, task: &'b TaskId) -> impl Iterator<Item = &'b Run> {
        self.runs.values().filter(move |run| run.task == *task)
    }

    /// Runs that ended while their processes are not confirmed gone.
    pub(super) fn lingering(&self) -> impl Iterator<Item = &Run> {
        let lives = |run: &Run| run.keeper.as_ref().is_some_and(|keeper| keeper.gone_at.is_none());
        self.runs.values().filter(move |run| !run.is_open() && lives(run))
    }
}
