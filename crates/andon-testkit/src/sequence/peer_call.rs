//! What the peer may do in its turn, as calls of its own functions.

use super::step::Step;
use super::translate::pick;
use crate::peer::Around;
use andon_core::id::TaskId;
use andon_core::task::{BlockKind, Status};
use andon_core::time::Timestamp;
use andon_store::Read;
use proptest::sample::{Select, select};
use serde_json::{Value, json};

/// A function of the peer that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PeerVerb {
    AddComment,
    Archive,
    Assign,
    Beat,
    BeatClaim,
    Block,
    Claim,
    ClaimReview,
    Complete,
    Create,
    Decompose,
    Delete,
    DeleteArchived,
    Dispatch,
    EditResult,
    FindCrashed,
    Link,
    MoveCard,
    Promote,
    Reassign,
    Recompute,
    Reclaim,
    ReleaseStale,
    Schedule,
    SetWorker,
    Specify,
    Unblock,
    Unlink,
}

/// Those that begin and end work come often, and the one that seldom finds any.
const DRAWN: &[PeerVerb] = &[
    PeerVerb::AddComment,
    PeerVerb::Archive,
    PeerVerb::Assign,
    PeerVerb::Beat,
    PeerVerb::BeatClaim,
    PeerVerb::Block,
    PeerVerb::Block,
    PeerVerb::Claim,
    PeerVerb::Claim,
    PeerVerb::Claim,
    PeerVerb::ClaimReview,
    PeerVerb::Complete,
    PeerVerb::Complete,
    PeerVerb::Complete,
    PeerVerb::Create,
    PeerVerb::Create,
    PeerVerb::Decompose,
    PeerVerb::Delete,
    PeerVerb::DeleteArchived,
    PeerVerb::Dispatch,
    PeerVerb::Dispatch,
    PeerVerb::EditResult,
    PeerVerb::FindCrashed,
    PeerVerb::Link,
    PeerVerb::MoveCard,
    PeerVerb::Promote,
    PeerVerb::Reassign,
    PeerVerb::Recompute,
    PeerVerb::Reclaim,
    PeerVerb::ReleaseStale,
    PeerVerb::ReleaseStale,
    PeerVerb::ReleaseStale,
    PeerVerb::Schedule,
    PeerVerb::SetWorker,
    PeerVerb::Specify,
    PeerVerb::Unblock,
    PeerVerb::Unblock,
    PeerVerb::Unlink,
];

pub(super) fn verbs() -> Select<PeerVerb> {
    select(DRAWN)
}

/// A call, ready to be made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: &'static str,
    pub(super) arguments: Value,
    pub(super) options: Value,
}

/// What the peer sees beyond the board in a turn.
pub(super) fn around(step: &Step, at: Timestamp) -> Around {
    let worker = ["runs", "ends", "fails"][usize::from(step.other) % 3];
    Around { at: at.0, alive: step.form.is_multiple_of(3), worker }
}

/// The call of a turn on a board with these tasks; the first one makes a task.
pub(super) fn call(verb: PeerVerb, step: &Step, known: &[TaskId], board: &dyn Read) -> Call {
    let Some(task) = pick(known, step.task) else { return create(step, known) };
    let other = pick(known, step.other).unwrap_or_else(|| task.clone());
    let (task, other) = (task.as_str(), other.as_str());
    let name = name(verb);
    let (arguments, options) = match verb {
        PeerVerb::Create => return create(step, known),
        PeerVerb::Link | PeerVerb::Unlink => (json!([other, task]), json!({})),
        PeerVerb::AddComment => (json!([task, "x", "a remark of the peer"]), json!({})),
        PeerVerb::Assign | PeerVerb::Reassign => (json!([task, profile(step)]), json!({})),
        PeerVerb::Claim | PeerVerb::ClaimReview | PeerVerb::BeatClaim => {
            (json!([task]), json!({"claimer": lock(step, task, board)}))
        }
        PeerVerb::Beat => (json!([task]), json!({"note": note(step)})),
        PeerVerb::Complete => (json!([task]), complete(step, task, other, board)),
        PeerVerb::Block => (json!([task]), block(step, task, board)),
        PeerVerb::Schedule | PeerVerb::Reclaim => (json!([task]), json!({"reason": note(step)})),
        PeerVerb::Promote => {
            let force = step.form.is_multiple_of(2);
            (json!([task]), json!({"actor": "x", "force": force}))
        }
        PeerVerb::MoveCard => (json!([task, column(step)]), json!({})),
        PeerVerb::EditResult => (json!([task]), json!({"result": "another result"})),
        PeerVerb::Specify => (json!([task]), json!({"title": "specified", "author": "x"})),
        PeerVerb::Decompose => (json!([task]), decompose()),
        PeerVerb::SetWorker => (json!([task, 99]), json!({})),
        PeerVerb::Archive | PeerVerb::Delete | PeerVerb::DeleteArchived | PeerVerb::Unblock => {
            (json!([task]), json!({}))
        }
        PeerVerb::Dispatch
        | PeerVerb::FindCrashed
        | PeerVerb::Recompute
        | PeerVerb::ReleaseStale => (json!([]), json!({})),
    };
    Call { name, arguments, options }
}

fn name(verb: PeerVerb) -> &'static str {
    match verb {
        PeerVerb::AddComment => "add_comment",
        PeerVerb::Archive => "archive_task",
        PeerVerb::Assign => "assign_task",
        PeerVerb::Beat => "heartbeat_worker",
        PeerVerb::BeatClaim => "heartbeat_claim",
        PeerVerb::Block => "block_task",
        PeerVerb::Claim => "claim_task",
        PeerVerb::ClaimReview => "claim_review_task",
        PeerVerb::Complete => "complete_task",
        PeerVerb::Create => "create_task",
        PeerVerb::Decompose => "decompose_triage_task",
        PeerVerb::Delete => "delete_task",
        PeerVerb::DeleteArchived => "delete_archived_task",
        PeerVerb::Dispatch => "dispatch",
        PeerVerb::EditResult => "edit_completed_task_result",
        PeerVerb::FindCrashed => "detect_crashed_workers",
        PeerVerb::Link => "link_tasks",
        PeerVerb::MoveCard => "move_card",
        PeerVerb::Promote => "promote_task",
        PeerVerb::Reassign => "reassign_task",
        PeerVerb::Recompute => "recompute_ready",
        PeerVerb::Reclaim => "reclaim_task",
        PeerVerb::ReleaseStale => "release_stale_claims",
        PeerVerb::Schedule => "schedule_task",
        PeerVerb::SetWorker => "_set_worker_pid",
        PeerVerb::Specify => "specify_triage_task",
        PeerVerb::Unblock => "unblock_task",
        PeerVerb::Unlink => "unlink_tasks",
    }
}

fn create(step: &Step, known: &[TaskId]) -> Call {
    let parents = if step.other.is_multiple_of(3) { pick(known, step.task) } else { None };
    let parents: Vec<String> = parents.iter().map(ToString::to_string).collect();
    let key = (step.other.is_multiple_of(5)).then(|| format!("key {}", step.form % 2));
    let status = if step.form % 8 == 1 { "blocked" } else { "running" };
    let options = json!({
        "title": format!("task {} of the peer", known.len()), "assignee": profile(step),
        "parents": parents, "priority": step.other % 4, "triage": step.form.is_multiple_of(8),
        "initial_status": status, "idempotency_key": key, "max_runtime_seconds": 100,
    });
    Call { name: name(PeerVerb::Create), arguments: json!([]), options }
}

fn profile(step: &Step) -> Option<&'static str> {
    [None, Some("worker"), Some("other")][usize::from(step.form) % 3]
}

fn note(step: &Step) -> Option<&'static str> {
    step.form.is_multiple_of(3).then_some("a reason")
}

fn column(step: &Step) -> &'static str {
    let columns = [Status::Todo, Status::Ready, Status::Triage, Status::Scheduled];
    columns[usize::from(step.form) % columns.len()].word()
}

/// The lock in force, as the claim's own worker knows it, or the peer's own.
fn lock(step: &Step, task: &str, board: &dyn Read) -> Option<String> {
    let task = TaskId::parse(task).ok().and_then(|id| board.task_get(&id).ok().flatten())?;
    let lock = task.claim?.lock.to_string();
    step.form.is_multiple_of(2).then_some(lock)
}

/// A worker names its run, sometimes an earlier one; a person names none.
fn run(step: &Step, task: &str, board: &dyn Read) -> Option<i64> {
    let runs = TaskId::parse(task).ok().and_then(|id| board.run_list(&id).ok())?;
    let run = pick(&runs, step.other)?.id.0;
    step.form.is_multiple_of(2).then_some(run)
}

fn complete(step: &Step, task: &str, other: &str, board: &dyn Read) -> Value {
    let cards: Vec<&str> = if step.form.is_multiple_of(5) { vec![other] } else { Vec::new() };
    json!({
        "result": note(step), "summary": "see t_00000001", "created_cards": cards,
        "expected_run_id": run(step, task, board),
    })
}

fn block(step: &Step, task: &str, board: &dyn Read) -> Value {
    let kind = pick(BlockKind::ALL, step.other).filter(|_| !step.task.is_multiple_of(4));
    json!({
        "reason": note(step), "kind": kind.map(BlockKind::word),
        "expected_run_id": run(step, task, board),
    })
}

/// Two children, one after the other.
fn decompose() -> Value {
    json!({
        "root_assignee": "worker", "author": "x",
        "children": [{"title": "first"}, {"title": "second", "parents": [0]}],
    })
}
