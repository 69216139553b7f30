//! `block`: says that a task cannot go on, and why (dispatch reference §3.2).

use super::draft::{Draft, require_run, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::{RunId, TaskId};
use crate::policy::BLOCK_RECURRENCE_LIMIT;
use crate::rejected::Rejected;
use crate::run::RunOutcome;
use crate::task::{BlockKind, BlockMemory, Hold, PastParents, Status};
use crate::text;
use crate::transition::{Resting, RunEnd, State, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "block";

const FROM: &[Status] = &[Status::Running, Status::Ready];

/// Blocks a task. A second block of the same kind goes to triage: it would only come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Task.
    pub task: TaskId,
    /// Why, for people; also becomes a comment, in the same commit (S19).
    pub reason: Option<String>,
    /// Why, for the board.
    pub kind: Option<BlockKind>,
    /// Run that says so.
    pub expected_run: Option<RunId>,
}

impl Block {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), parents: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, FROM)?;
        require_run(task, self.expected_run)?;
        let reason = text::optional_prose("reason", self.reason.as_deref(), text::NOTE_BYTES_MAX)?;
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        if self.kind == Some(BlockKind::Dependency) && view.open_parents.count == 0 {
            return Err(Rejected::NothingToWaitFor(task.id.clone()));
        }

        let mut draft = Draft::new(task, view);
        if let Some(reason) = &reason {
            draft.comment(&ctx.actor.name, &format!("BLOCKED: {reason}"));
        }
        let run = draft.end_run(RunEnd::with_summary(RunOutcome::Blocked, reason.clone()));
        let kind = self.kind;
        let recurrences =
            if task.block.kind == kind { task.block.recurrences.saturating_add(1) } else { 1 };
        let (to, recurrences, event) = match kind {
            Some(BlockKind::Dependency) => {
                (Resting::Todo, task.block.recurrences, NewEvent::DependencyWait { reason })
            }
            _ if recurrences >= BLOCK_RECURRENCE_LIMIT => (
                Resting::Triage,
                recurrences,
                NewEvent::BlockLoop { reason, kind, recurrences, limit: BLOCK_RECURRENCE_LIMIT },
            ),
            Some(BlockKind::NeedsInput | BlockKind::Capability | BlockKind::Transient) | None => {
                (Resting::Blocked, recurrences, NewEvent::Blocked { reason, kind, recurrences })
            }
        };
        let block = BlockMemory { kind, recurrences };
        draft.state(State { block, ..State::resting(task, to) });
        if kind == Some(BlockKind::Dependency) {
            // The worker found that it needs its parents after all.
            draft.hold(Hold { past_parents: PastParents::Wait, ..task.hold.clone() });
        }
        draft.event(run, event);
        Ok(draft.moved(to.status()))
    }
}
