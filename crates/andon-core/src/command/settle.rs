//! `settle`: makes a waiting task ready because its parents are finished. Completion does
//! this by itself; this one is for boards on which another program finished the parents.

use super::draft::{Draft, require_status, unchanged};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::policy::DEPENDENCY_WAITS_MAX;
use crate::rejected::Rejected;
use crate::task::{BlockKind, BlockMemory, Status, Task};
use crate::transition::{Resting, State, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "settle";

/// Promotes a task that waits for nothing. Only `todo` is promoted without being asked: a blocked
/// task waits for a person, whatever the history of its events says (B14, B15).
///
/// A task that its worker has blocked on a dependency is released by that parent's completion, in
/// the same commit. Where nothing but this verb ends the wait, another program finished the parent,
/// or let the worker wait for a task that it never linked, which it will do again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// Task.
    pub task: TaskId,
}

impl Settle {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, &[Status::Todo])?;
        if view.open_parents.count > 0 {
            return Ok(unchanged());
        }
        let mut draft = Draft::new(task, view);
        match task.block.kind {
            Some(BlockKind::Dependency) => Ok(end_wait(draft, task)),
            Some(BlockKind::NeedsInput | BlockKind::Capability | BlockKind::Transient) | None => {
                draft.move_other(&task.id, Status::Todo, Resting::Ready, NewEvent::Promoted);
                Ok(draft.moved(Status::Ready))
            }
        }
    }
}

/// Ends a wait for a dependency, and counts it: the count is bounded, or a worker that waits for
/// nothing would be started again for ever (D10).
fn end_wait(mut draft: Draft<'_>, task: &Task) -> Transition {
    let kind = task.block.kind;
    let recurrences = task.block.recurrences.saturating_add(1);
    let (to, event) = if recurrences < DEPENDENCY_WAITS_MAX {
        (Resting::Ready, NewEvent::Promoted)
    } else {
        let reason = "blocked on a dependency again while no parent was open; link what it waits \
                      for, then unblock it";
        let reason = Some(reason.to_owned());
        (Resting::Blocked, NewEvent::Blocked { reason, kind, recurrences })
    };
    let block = BlockMemory { kind, recurrences };
    draft.state(State { block, ..State::resting(task, to) });
    draft.event(None, event);
    draft.moved(to.status())
}
