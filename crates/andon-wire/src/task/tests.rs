//! The fields of the task object, their order and their values.

use super::TaskObject;
use andon_core::id::TaskId;
use andon_core::task::{BlockMemory, GoalMode, Hold, Status, Task, Workspace, WorkspaceKind};
use andon_core::time::Timestamp;

fn bare() -> Task {
    Task {
        id: TaskId::parse("t_0000000a").unwrap(),
        title: "Write the parser".to_owned(),
        body: None,
        assignee: None,
        status: Status::Ready,
        priority: 0,
        created_by: None,
        created_at: Timestamp(7),
        started_at: None,
        completed_at: None,
        workspace: Workspace { kind: WorkspaceKind::Scratch, path: None, branch: None },
        project_id: None,
        claim: None,
        tenant: None,
        result: None,
        idempotency_key: None,
        consecutive_failures: 0,
        last_failure_error: None,
        worker_pid: None,
        max_runtime: None,
        last_heartbeat_at: None,
        current_run: None,
        workflow_template_id: None,
        current_step_key: None,
        skills: None,
        model_override: None,
        max_retries: None,
        goal_mode: GoalMode::Off,
        goal_max_turns: None,
        session_id: None,
        block: BlockMemory::default(),
        hold: Hold::default(),
    }
}

#[test]
fn the_first_21_keys_are_those_of_the_peer_and_ours_follow() {
    let task = bare();
    let value = serde_json::to_value(TaskObject::from(&task)).unwrap();
    let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let (theirs, ours) = keys.split_at(21);
    assert_eq!(
        theirs.join(" "),
        "id title body assignee status priority tenant workspace_kind workspace_path branch_name \
         project_id created_by created_at started_at completed_at result skills max_retries \
         session_id workflow_template_id current_step_key"
    );
    assert_eq!(
        ours.join(" "),
        "max_runtime_seconds goal_mode goal_max_turns idempotency_key model_override block_kind \
         block_recurrences consecutive_failures last_failure_error current_run_id claim_lock \
         claim_expires due_at not_before"
    );
}

#[test]
fn absent_skills_are_an_empty_list() {
    let task = bare();
    let value = serde_json::to_value(TaskObject::from(&task)).unwrap();
    assert_eq!(value["skills"], serde_json::json!([]));
}
