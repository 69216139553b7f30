//! `edit --result`: rewrites what a finished task handed over (dispatch reference §3.1).

use super::complete::Handoff;
use super::draft::{Draft, require_status};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::run::RunOutcome;
use crate::task::Status;
use crate::text;
use crate::transition::{Outcome, RunEnd, RunRef, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "edit";

/// Rewrites the result of a finished task and the summary of its newest completed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditResult {
    /// Task.
    pub task: TaskId,
    /// New hand-off; the result is required.
    pub handoff: Handoff,
}

impl EditResult {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), last_completed: true, ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        require_status(VERB, task, &[Status::Done])?;
        self.handoff.check()?;
        let Handoff { result, summary, metadata, artifacts: _ } = self.handoff.clone();
        let Some(result) = result else {
            return Err(Rejected::invalid("result", "it is required"));
        };
        let mut draft = Draft::new(task, view);
        draft.write(Write::SetResult { task: task.id.clone(), result: result.clone() });
        let mut names = vec!["result", "summary"];
        if metadata.is_some() {
            names.push("metadata");
        }
        let result_len = Some(result.chars().count());
        let summary = Some(text::filled(summary.as_deref()).map(str::to_owned).unwrap_or(result));
        let run = match view.last_completed {
            Some(run) => {
                draft.write(Write::EditRun { run, summary: summary.clone(), metadata });
                Some(RunRef::Known(run))
            }
            None => {
                let outcome = RunOutcome::Completed;
                draft.end_run(RunEnd { outcome, summary: summary.clone(), metadata, error: None })
            }
        };
        draft.event(
            run,
            NewEvent::Edited {
                fields: names,
                result_len,
                summary: text::handoff_line(summary.as_deref(), None),
            },
        );
        Ok(draft.done(Outcome::Recorded { task: task.id.clone() }))
    }
}
