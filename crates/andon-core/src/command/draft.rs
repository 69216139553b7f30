//! A transition under construction, and the steps that several verbs share.

use crate::event::NewEvent;
use crate::id::{RunId, TaskId};
use crate::rejected::Rejected;
use crate::run::{Exit, RunOutcome, Usage};
use crate::task::{Hold, PastParents, Status, Task};
use crate::transition::{Outcome, Resting, RunEnd, RunRef, State, Transition, Write};
use crate::view::{OtherParents, View};

/// Writes gathered so far for one task.
pub(super) struct Draft<'v> {
    task: &'v Task,
    view: &'v View,
    writes: Vec<Write>,
    tree: Tree,
}

/// Whether a run's process tree has been written off in this transition.
#[derive(PartialEq, Eq)]
enum Tree {
    Unspoken,
    Gone,
}

impl<'v> Draft<'v> {
    pub(super) fn new(task: &'v Task, view: &'v View) -> Self {
        Self { task, view, writes: Vec::with_capacity(WRITES_USUAL), tree: Tree::Unspoken }
    }

    pub(super) fn write(&mut self, write: Write) {
        self.writes.push(write);
    }

    pub(super) fn state(&mut self, state: State) {
        self.writes.push(Write::SetState { task: self.task.id.clone(), state: Box::new(state) });
    }

    /// Moves the task to rest, everything else about it unchanged.
    pub(super) fn rest(&mut self, to: Resting) {
        self.state(State::resting(self.task, to));
    }

    /// Replaces the hold, if that changes it.
    pub(super) fn hold(&mut self, hold: Hold) {
        if hold != self.task.hold {
            self.writes.push(Write::SetHold { task: self.task.id.clone(), hold });
        }
    }

    pub(super) fn event(&mut self, run: Option<RunRef>, event: NewEvent) {
        self.event_on(&self.task.id, run, event);
    }

    pub(super) fn event_on(&mut self, task: &TaskId, run: Option<RunRef>, event: NewEvent) {
        self.writes.push(Write::AddEvent { task: task.clone(), run, event: Box::new(event) });
    }

    /// Adds a comment and its event. The event carries the text as stored (B30).
    pub(super) fn comment(&mut self, author: &str, body: &str) {
        let (author, body) = (author.trim().to_owned(), body.trim().to_owned());
        let event = NewEvent::Commented { author: author.clone(), len: body.chars().count() };
        self.writes.push(Write::AddComment { task: self.task.id.clone(), author, body });
        self.event(None, event);
    }

    /// Records that the process tree of a kept run is gone.
    pub(super) fn tree_gone(&mut self, exit: Exit, usage: Usage) {
        if let Some(run) = self.view.run.as_ref().filter(|run| run.keeper.is_some()) {
            self.writes.push(Write::TreeGone { run: run.id, exit, usage });
            self.tree = Tree::Gone;
        }
    }

    /// Closes the task's open run. One that has no runner yet leaves no process behind, and its
    /// task need not wait for one: a runner that registers from now on is refused.
    pub(super) fn close_run(&mut self, end: RunEnd) -> Option<RunRef> {
        let run = self.view.run.as_ref().filter(|run| run.is_open())?;
        if run.keeper.as_ref().is_some_and(|keeper| keeper.runner.is_none())
            && self.tree == Tree::Unspoken
        {
            let why = "its run ended before a runner had registered".to_owned();
            self.tree_gone(Exit::Lost(why), Usage::default());
        }
        self.writes.push(Write::CloseRun { run: run.id, end: Box::new(end) });
        Some(RunRef::Known(run.id))
    }

    /// Closes the open run or, where there is none but something to hand over, adds a closed one.
    pub(super) fn end_run(&mut self, end: RunEnd) -> Option<RunRef> {
        let says_something = end.summary.is_some() || end.metadata.is_some();
        if self.view.run.as_ref().is_some_and(|run| run.is_open()) {
            return self.close_run(end);
        }
        if !says_something {
            return None;
        }
        self.writes.push(Write::SynthesizeRun {
            task: self.task.id.clone(),
            profile: self.task.assignee.clone(),
            step_key: self.task.current_step_key.clone(),
            end: Box::new(end),
        });
        Some(RunRef::New)
    }

    /// Closes a run that another program left open on a resting task.
    pub(super) fn close_leaked_run(&mut self) {
        if self.task.status != Status::Running {
            let why = "left open by an earlier claim; closed".to_owned();
            self.close_run(RunEnd::with_summary(RunOutcome::Reclaimed, Some(why)));
        }
    }

    /// Makes every child ready that waited for this task alone: same commit, no second pass.
    /// Another program may have linked the task to itself; its own end sets it free of nothing.
    pub(super) fn release_children(&mut self) {
        for child in self.view.children.iter().filter(|child| child.id != self.task.id) {
            match (child.status, child.others) {
                (Status::Todo, OtherParents::AllClosed) => {
                    self.move_other(&child.id, Status::Todo, Resting::Ready, NewEvent::Promoted);
                }
                (_, OtherParents::SomeOpen)
                | (
                    Status::Triage
                    | Status::Scheduled
                    | Status::Ready
                    | Status::Running
                    | Status::Blocked
                    | Status::Review
                    | Status::Done
                    | Status::Archived,
                    OtherParents::AllClosed,
                ) => {}
            }
        }
    }

    /// Moves a task at rest, with the event that says so.
    pub(super) fn move_other(&mut self, id: &TaskId, from: Status, to: Resting, event: NewEvent) {
        self.writes.push(Write::SetStatus { task: id.clone(), from, to });
        self.event_on(id, None, event);
    }

    pub(super) fn done(self, outcome: Outcome) -> Transition {
        Transition { writes: self.writes, outcome }
    }

    /// Ends with the task standing in `to`.
    pub(super) fn moved(self, to: Status) -> Transition {
        let task = self.task.id.clone();
        self.done(Outcome::Moved { task, to })
    }
}

/// Writes of an ordinary command; saves growing the list.
const WRITES_USUAL: usize = 8;

/// Refuses a task that stands elsewhere than the verb needs.
pub(super) fn require_status(
    verb: &'static str,
    task: &Task,
    allowed: &'static [Status],
) -> Result<(), Rejected> {
    if allowed.contains(&task.status) {
        return Ok(());
    }
    let holder = task.claim.as_ref().map(|claim| claim.lock.clone());
    Err(Rejected::WrongStatus { verb, task: task.id.clone(), status: task.status, holder, allowed })
}

/// Refuses a write for a run that is no longer the task's current one.
pub(super) fn require_run(task: &Task, expected: Option<RunId>) -> Result<(), Rejected> {
    match expected {
        Some(given) if task.current_run != Some(given) => {
            Err(Rejected::StaleRun { task: task.id.clone(), given, current: task.current_run })
        }
        Some(_) | None => Ok(()),
    }
}

/// Where a task goes that nothing blocks any more: behind its open parents, unless somebody
/// promoted it past them (D9).
pub(super) fn ready_or_todo(task: &Task, view: &View) -> Resting {
    match task.hold.past_parents {
        PastParents::Wait if view.open_parents.count > 0 => Resting::Todo,
        PastParents::Wait | PastParents::Overruled => Resting::Ready,
    }
}

/// Where a run that did not finish returns its task to: where the claim took it from (B19), or
/// behind a parent that was added meanwhile.
pub(super) fn came_from(task: &Task, view: &View) -> Resting {
    let from = view.run.as_ref().and_then(|run| run.keeper.as_ref()).map(|k| k.came_from);
    match from {
        Some(Status::Review) => Resting::Review,
        Some(_) | None => ready_or_todo(task, view),
    }
}

/// A transition that writes nothing.
pub(super) fn unchanged() -> Transition {
    Transition { writes: Vec::new(), outcome: Outcome::Unchanged }
}
