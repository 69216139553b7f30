//! `promote`: makes a waiting task ready by hand. A forced promotion holds: the claim
//! respects it (D9).

use super::draft::{Draft, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::task::{Hold, PastParents, Status};
use crate::text;
use crate::transition::{Resting, State, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "promote";

const FROM: &[Status] = &[Status::Todo, Status::Blocked];

/// Makes a task ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promote {
    /// Task.
    pub task: TaskId,
    /// Why.
    pub reason: Option<String>,
    /// What to do about open parents.
    pub parents: PastParents,
}

impl Promote {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, FROM)?;
        let reason = text::optional_prose("reason", self.reason.as_deref(), text::NOTE_BYTES_MAX)?;
        let open = &view.open_parents;
        let forced = self.parents == PastParents::Overruled;
        if open.count > 0 && !forced {
            return Err(Rejected::OpenParents { parents: open.named.clone(), count: open.count });
        }
        let past_parents =
            if open.count > 0 { PastParents::Overruled } else { task.hold.past_parents };
        let mut draft = Draft::new(task, view);
        draft.close_leaked_run();
        // A person looked at it: the record of failures starts anew, or the breaker would open
        // again at the first mishap.
        draft.state(State {
            failures: 0,
            last_error: None,
            ..State::resting(task, Resting::Ready)
        });
        draft.hold(Hold { past_parents, ..Hold::default() });
        let actor = ctx.actor.name.clone();
        draft.event(None, NewEvent::PromotedManual { actor, reason, forced });
        Ok(draft.moved(Status::Ready))
    }
}
