//! The task object of every surface.

use andon_core::id::{Assignee, TaskId};
use andon_core::task::{Claim, GoalMode, Task};
use serde::Serialize;

/// A task. The first 21 fields are those of the peer, in its order (surfaces reference §2); what
/// follows is what it leaves out (S25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "fields are those of `andon_core::task::Task`")]
pub struct TaskObject<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub body: Option<&'a str>,
    pub assignee: Option<&'a str>,
    pub status: &'static str,
    pub priority: i64,
    pub tenant: Option<&'a str>,
    pub workspace_kind: &'static str,
    pub workspace_path: Option<&'a str>,
    pub branch_name: Option<&'a str>,
    pub project_id: Option<&'a str>,
    pub created_by: Option<&'a str>,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub completed_at: Option<i64>,
    pub result: Option<&'a str>,
    /// Always a list, though the board file tells absent from empty.
    pub skills: &'a [String],
    pub max_retries: Option<i64>,
    pub session_id: Option<&'a str>,
    pub workflow_template_id: Option<&'a str>,
    pub current_step_key: Option<&'a str>,

    pub max_runtime_seconds: Option<i64>,
    pub goal_mode: bool,
    pub goal_max_turns: Option<i64>,
    pub idempotency_key: Option<&'a str>,
    pub model_override: Option<&'a str>,
    pub block_kind: Option<&'static str>,
    pub block_recurrences: i64,
    pub consecutive_failures: i64,
    pub last_failure_error: Option<&'a str>,
    pub current_run_id: Option<i64>,
    pub claim_lock: Option<&'a str>,
    pub claim_expires: Option<i64>,
    /// When a scheduled task wakes by itself.
    pub due_at: Option<i64>,
    /// Before this time nothing starts the task: it failed and waits.
    pub not_before: Option<i64>,
}

impl<'a> From<&'a Task> for TaskObject<'a> {
    fn from(task: &'a Task) -> Self {
        let claim: Option<&Claim> = task.claim.as_ref();
        Self {
            id: task.id.as_str(),
            title: &task.title,
            body: task.body.as_deref(),
            assignee: task.assignee.as_ref().map(Assignee::as_str),
            status: task.status.word(),
            priority: task.priority,
            tenant: task.tenant.as_deref(),
            workspace_kind: task.workspace.kind.word(),
            workspace_path: task.workspace.path.as_deref(),
            branch_name: task.workspace.branch.as_deref(),
            project_id: task.project_id.as_deref(),
            created_by: task.created_by.as_deref(),
            created_at: task.created_at.0,
            started_at: task.started_at.map(|at| at.0),
            completed_at: task.completed_at.map(|at| at.0),
            result: task.result.as_deref(),
            skills: task.skills.as_deref().unwrap_or_default(),
            max_retries: task.max_retries,
            session_id: task.session_id.as_deref(),
            workflow_template_id: task.workflow_template_id.as_deref(),
            current_step_key: task.current_step_key.as_deref(),
            max_runtime_seconds: task.max_runtime.map(|span| span.0),
            goal_mode: task.goal_mode == GoalMode::On,
            goal_max_turns: task.goal_max_turns,
            idempotency_key: task.idempotency_key.as_deref(),
            model_override: task.model_override.as_deref(),
            block_kind: task.block.kind.map(|kind| kind.word()),
            block_recurrences: task.block.recurrences,
            consecutive_failures: task.consecutive_failures,
            last_failure_error: task.last_failure_error.as_deref(),
            current_run_id: task.current_run.map(|run| run.0),
            claim_lock: claim.map(|claim| claim.lock.as_str()),
            claim_expires: claim.and_then(|claim| claim.expires).map(|at| at.0),
            due_at: task.hold.due_at.map(|at| at.0),
            not_before: task.hold.not_before.map(|at| at.0),
        }
    }
}

/// Task ids as texts.
pub fn ids(ids: &[TaskId]) -> Vec<&str> {
    ids.iter().map(TaskId::as_str).collect()
}

#[cfg(test)]
mod tests;
