//! `comment`: adds a comment.

use super::draft::Draft;
use super::{Context, subject};
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::text;
use crate::transition::{Outcome, Transition};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "comment";

/// Adds a comment to a task in any status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Task.
    pub task: TaskId,
    /// Shown author; the request's own actor is recorded beside it.
    pub author: String,
    /// Text.
    pub body: String,
}

impl Comment {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        let body = text::prose("comment", &self.body, text::NOTE_BYTES_MAX)?;
        if body.trim().is_empty() {
            return Err(Rejected::invalid("comment", "it is empty"));
        }
        let author = text::optional_line("author", Some(&self.author))?
            .ok_or_else(|| Rejected::invalid("author", "it is empty"))?;
        let mut draft = Draft::new(task, view);
        draft.comment(&author, &body);
        Ok(draft.done(Outcome::Recorded { task: task.id.clone() }))
    }
}
