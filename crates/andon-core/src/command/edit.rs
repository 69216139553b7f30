//! `edit`: changes descriptive fields of a task that is not archived (S26).

use super::create::{check_max_retries, check_max_runtime, check_workspace, normal_skills};
use super::draft::{Draft, unchanged};
use super::{Context, subject};
use crate::event::NewEvent;
use crate::id::TaskId;
use crate::rejected::Rejected;
use crate::task::{Status, Task};
use crate::text;
use crate::transition::{Fields, Outcome, Transition, Write};
use crate::view::{Needs, View};

/// The verb.
pub const VERB: &str = "edit";

/// Changes fields; absent ones stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Task.
    pub task: TaskId,
    /// New values.
    pub fields: Fields,
}

impl Edit {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { subject: Some(&self.task), ..Needs::default() }
    }

    pub(super) fn decide(&self, view: &View, _: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        if task.status == Status::Archived {
            return Err(Rejected::NothingToDo(format!("{} is archived", task.id)));
        }
        let fields = checked(&self.fields)?;
        let changed = changes(task, &fields);
        if changed.is_empty() {
            return Ok(unchanged());
        }
        let mut draft = Draft::new(task, view);
        let priority = fields.priority.filter(|_| changed.contains(&"priority"));
        draft.write(Write::SetFields { task: task.id.clone(), fields: Box::new(fields) });
        if let Some(priority) = priority {
            draft.event(None, NewEvent::Reprioritized { priority });
        }
        if changed != ["priority"] {
            let event = NewEvent::Edited { fields: changed, result_len: None, summary: None };
            draft.event(None, event);
        }
        Ok(draft.done(Outcome::Recorded { task: task.id.clone() }))
    }
}

fn checked(fields: &Fields) -> Result<Fields, Rejected> {
    let mut fields = fields.clone();
    if let Some(title) = &fields.title {
        fields.title = Some(text::title(title)?);
    }
    if let Some(Some(body)) = &fields.body {
        text::prose("body", body, text::BODY_BYTES_MAX)?;
    }
    if let Some(tenant) = &fields.tenant {
        fields.tenant = Some(text::optional_line("tenant", tenant.as_deref())?);
    }
    if let Some(model) = &fields.model_override {
        fields.model_override = Some(text::optional_line("model", model.as_deref())?);
    }
    if let Some(Some(skills)) = &fields.skills {
        fields.skills = Some(Some(normal_skills(skills)?));
    }
    check_max_runtime(fields.max_runtime.flatten())?;
    check_max_retries(fields.max_retries.flatten())?;
    if let Some(workspace) = &fields.workspace {
        check_workspace(workspace)?;
    }
    Ok(fields)
}

/// Names of the fields that the edit really changes, in the order of the task's columns.
fn changes(task: &Task, fields: &Fields) -> Vec<&'static str> {
    let Fields {
        title,
        body,
        priority,
        tenant,
        max_runtime,
        max_retries,
        skills,
        model_override,
        workspace,
    } = fields;
    let differs = [
        ("title", title.as_ref().is_some_and(|new| *new != task.title)),
        ("body", body.as_ref().is_some_and(|new| *new != task.body)),
        ("priority", priority.is_some_and(|new| new != task.priority)),
        ("tenant", tenant.as_ref().is_some_and(|new| *new != task.tenant)),
        ("max_runtime_seconds", max_runtime.is_some_and(|new| new != task.max_runtime)),
        ("max_retries", max_retries.is_some_and(|new| new != task.max_retries)),
        ("skills", skills.as_ref().is_some_and(|new| *new != task.skills)),
        ("model_override", model_override.as_ref().is_some_and(|new| *new != task.model_override)),
        ("workspace", workspace.as_ref().is_some_and(|new| *new != task.workspace)),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
