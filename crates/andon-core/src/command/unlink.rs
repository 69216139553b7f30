//! `unlink`: removes a link; a child that waited for that parent alone becomes ready.

use super::draft::Draft;
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::task::Status;
use crate::transition::{Outcome, Resting, Transition, Write};
use crate::view::{LinkState, Needs, View};

/// The verb.
pub const VERB: &str = "unlink";

/// Removes a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlink {
    /// Parent.
    pub parent: TaskId,
    /// Child.
    pub child: TaskId,
}

impl Unlink {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs {
            subject: Some(&self.child),
            parents: true,
            known: vec![self.parent.clone()],
            link: Some((&self.parent, &self.child)),
            ..Needs::default()
        }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let (parent, child) = (&self.parent, &self.child);
        let task = subject(view, child)?;
        if view.link != LinkState::Present {
            return Err(Rejected::NotLinked { parent: parent.clone(), child: child.clone() });
        }
        let mut draft = Draft::new(task, view);
        draft.write(Write::RemoveLink { parent: parent.clone(), child: child.clone() });
        draft.event(None, NewEvent::Unlinked { parent: parent.clone(), child: child.clone() });
        let was_open = view.known(parent).is_some_and(|known| !known.releases_children());
        let others = view.open_parents.count.saturating_sub(was_open.into());
        if task.status == Status::Todo && others == 0 {
            draft.move_other(child, Status::Todo, Resting::Ready, NewEvent::Promoted);
        }
        Ok(draft.done(Outcome::Recorded { task: child.clone() }))
    }
}
