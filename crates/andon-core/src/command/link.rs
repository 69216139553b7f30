//! `link`: makes one task wait for another (board reference §9.4).

use super::Context;
use super::draft::{Draft, unchanged};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::task::{Hold, PastParents, Status};
use crate::transition::{Outcome, Resting, Transition, Write};
use crate::view::{LinkState, Needs, View};

/// The verb.
pub const VERB: &str = "link";

/// Makes `child` wait for `parent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Must be finished first.
    pub parent: TaskId,
    /// Waits.
    pub child: TaskId,
}

impl Link {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs {
            subject: Some(&self.child),
            known: vec![self.parent.clone(), self.child.clone()],
            link: Some((&self.parent, &self.child)),
            ..Needs::default()
        }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let (parent, child) = (&self.parent, &self.child);
        if parent == child {
            return Err(Rejected::SelfLink(parent.clone()));
        }
        let (Some(task), Some(known)) = (&view.task, view.known(parent)) else {
            let ids = [parent, child].into_iter().filter(|id| view.known(id).is_none());
            return Err(Rejected::UnknownTasks { role: "task(s)", ids: ids.cloned().collect() });
        };
        match view.link {
            LinkState::Present => return Ok(unchanged()),
            LinkState::WouldCycle => {
                return Err(Rejected::Cycle { parent: parent.clone(), child: child.clone() });
            }
            LinkState::Absent => {}
        }
        let mut draft = Draft::new(task, view);
        draft.write(Write::AddLink { parent: parent.clone(), child: child.clone() });
        draft.event(None, NewEvent::Linked { parent: parent.clone(), child: child.clone() });
        if known.releases_children() {
            return Ok(draft.done(Outcome::Recorded { task: child.clone() }));
        }
        // A promotion past the parents was about those of its time, not about this one.
        draft.hold(Hold { past_parents: PastParents::Wait, ..task.hold.clone() });
        if task.status == Status::Ready {
            draft.write(Write::SetStatus {
                task: child.clone(),
                from: Status::Ready,
                to: Resting::Todo,
            });
        }
        Ok(draft.done(Outcome::Recorded { task: child.clone() }))
    }
}
