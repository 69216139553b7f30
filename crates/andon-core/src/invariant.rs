//! What must hold on every board, written once: used by `doctor`, conformance and crash tests.
//!
//! An invariant is a name, a sentence and a check over a whole board as plain values. It judges
//! what is stored, not how it came about, and it mends nothing.

mod graph;
mod history;
mod run;
mod task;

use crate::event::Event;
use crate::id::{RunId, TaskId};
use crate::run::Run;
use crate::task::Task;
use std::collections::BTreeMap;

/// A whole board at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoardSnapshot {
    /// Every task, archived ones too, in any order.
    pub tasks: Vec<Task>,
    /// Every run, in any order.
    pub runs: Vec<Run>,
    /// Every link: parent, child.
    pub links: Vec<(TaskId, TaskId)>,
    /// Every event, in the order of the history.
    pub events: Vec<Event>,
}

/// How a finding is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// No program of ours leaves a board so.
    Broken,
    /// Another program, or a clock that was set, may have left it so; the next safety pass mends it
    /// or it does no harm.
    Pending,
}

/// One claim about every board.
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// Stable name, for programs.
    pub name: &'static str,
    /// The claim, for people.
    pub sentence: &'static str,
    /// How a finding is to be taken.
    pub grade: Grade,
    /// Says where the claim does not hold, one text for each place.
    check: fn(&Board<'_>) -> Vec<String>,
}

/// A claim that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Name of the invariant.
    pub name: &'static str,
    /// What should hold.
    pub sentence: &'static str,
    /// How it is to be taken.
    pub grade: Grade,
    /// Where it does not hold.
    pub what: String,
}

/// Every invariant, in the order in which findings are listed.
pub fn all() -> impl Iterator<Item = &'static Invariant> {
    [task::ALL, run::ALL, graph::ALL, history::ALL].into_iter().flatten()
}

/// Checks a board. The work grows with the board, not with its square.
pub fn check(snapshot: &BoardSnapshot) -> Vec<Broken> {
    let board = Board::new(snapshot);
    let mut broken = Vec::new();
    for Invariant { name, sentence, grade, check } in all() {
        let found = check(&board).into_iter();
        broken.extend(found.map(|what| Broken { name, sentence, grade: *grade, what }));
    }
    broken
}

/// A snapshot with what is looked up often.
struct Board<'s> {
    snapshot: &'s BoardSnapshot,
    tasks: BTreeMap<&'s TaskId, &'s Task>,
    runs: BTreeMap<RunId, &'s Run>,
    /// By child.
    parents: BTreeMap<&'s TaskId, Vec<&'s TaskId>>,
}

impl<'s> Board<'s> {
    fn new(snapshot: &'s BoardSnapshot) -> Self {
        let mut parents: BTreeMap<&TaskId, Vec<&TaskId>> = BTreeMap::new();
        for (parent, child) in &snapshot.links {
            parents.entry(child).or_default().push(parent);
        }
        Self {
            snapshot,
            tasks: snapshot.tasks.iter().map(|task| (&task.id, task)).collect(),
            runs: snapshot.runs.iter().map(|run| (run.id, run)).collect(),
            parents,
        }
    }

    /// The first parent that holds a task back.
    fn open_parent(&self, child: &TaskId) -> Option<&'s TaskId> {
        let parents = self.parents.get(child)?.iter().copied();
        parents.into_iter().find(|parent| {
            self.tasks.get(parent).is_some_and(|task| !task.status.releases_children())
        })
    }

    /// Describes every task that fails a check.
    fn each_task(&self, fails: impl Fn(&Task) -> Option<String>) -> Vec<String> {
        let tasks = self.snapshot.tasks.iter();
        tasks.filter_map(|task| Some(format!("task {} {}", task.id, fails(task)?))).collect()
    }

    /// Describes every run that fails a check.
    fn each_run(&self, fails: impl Fn(&Run) -> Option<String>) -> Vec<String> {
        let runs = self.snapshot.runs.iter();
        let describe = |run: &Run, what| format!("run {} of task {} {what}", run.id, run.task);
        runs.filter_map(|run| Some(describe(run, fails(run)?))).collect()
    }
}

#[cfg(test)]
mod tests;
