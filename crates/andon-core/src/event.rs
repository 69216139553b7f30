//! Events: what happened on the board, in order (dispatch reference §0.8, board reference §10).
//!
//! New events are typed, so that field names cannot drift. Stored ones are read as text, because
//! other programs write to the same table.

use crate::id::{Assignee, ClaimLock, EventId, RunId, TaskId};
use crate::run::{JsonText, Termination};
use crate::task::{BlockKind, Status};
use crate::time::{Seconds, Timestamp};
use crate::transition::RunRef;

/// An event as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Place in the board's history.
    pub id: EventId,
    /// Task.
    pub task: TaskId,
    /// Run, where the event belongs to one.
    pub run: Option<RunId>,
    /// Kind, as stored.
    pub kind: String,
    /// Payload, a JSON object.
    pub payload: Option<JsonText>,
    /// When.
    pub at: Timestamp,
}

/// An event to be written. Fields are the payload's, in the payload's order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are the payload keys of dispatch reference §0.8")]
pub enum NewEvent {
    Created {
        assignee: Option<Assignee>,
        status: Status,
        parents: Vec<TaskId>,
        tenant: Option<String>,
        branch_name: Option<String>,
        skills: Vec<String>,
        goal_mode: bool,
    },
    Assigned {
        assignee: Option<Assignee>,
        source: Option<&'static str>,
    },
    Linked {
        parent: TaskId,
        child: TaskId,
    },
    Unlinked {
        parent: TaskId,
        child: TaskId,
    },
    Commented {
        author: String,
        len: usize,
    },
    Promoted,
    PromotedManual {
        actor: String,
        reason: Option<String>,
        forced: bool,
    },
    ClaimRejected {
        reason: &'static str,
    },
    Claimed {
        lock: ClaimLock,
        expires: Timestamp,
        run: RunRef,
        source_status: Option<Status>,
    },
    ClaimExtended {
        worker_pid: Option<i64>,
        claim_lock: ClaimLock,
        claim_expires_was: Option<Timestamp>,
        claim_expires_now: Timestamp,
        last_heartbeat_at: Option<Timestamp>,
    },
    Spawned {
        pid: i64,
    },
    Heartbeat {
        note: Option<String>,
    },
    ReclaimedExpired {
        stale_lock: Option<ClaimLock>,
        worker_pid: Option<i64>,
        claim_expires: Option<Timestamp>,
        last_heartbeat_at: Option<Timestamp>,
        now: Timestamp,
        termination: Termination,
    },
    ReclaimedManual {
        reason: Option<String>,
        prev_lock: Option<ClaimLock>,
        termination: Termination,
    },
    Cancelled {
        reason: Option<String>,
        by: String,
        termination: Termination,
    },
    Completed {
        result_len: usize,
        summary: Option<String>,
        verified_cards: Vec<TaskId>,
        artifacts: Vec<String>,
    },
    SuspectedReferences {
        phantom_refs: Vec<TaskId>,
    },
    CompletionBlocked {
        phantom_cards: Vec<TaskId>,
        verified_cards: Vec<TaskId>,
        summary_preview: Option<String>,
    },
    Edited {
        fields: Vec<&'static str>,
        result_len: Option<usize>,
        summary: Option<String>,
    },
    Reprioritized {
        priority: i64,
    },
    Blocked {
        reason: Option<String>,
        kind: Option<BlockKind>,
        recurrences: i64,
    },
    DependencyWait {
        reason: Option<String>,
    },
    BlockLoop {
        reason: Option<String>,
        kind: Option<BlockKind>,
        recurrences: i64,
        limit: i64,
    },
    Unblocked {
        to: Status,
    },
    Scheduled {
        reason: Option<String>,
        due_at: Option<Timestamp>,
    },
    Archived,
    TimedOut {
        pid: Option<i64>,
        elapsed: Seconds,
        limit: Seconds,
        sigkill: bool,
    },
    Stale {
        elapsed: Seconds,
        last_heartbeat_at: Option<Timestamp>,
        silent: Seconds,
        termination: Termination,
    },
    ProtocolViolation {
        pid: Option<i64>,
        claimer: Option<ClaimLock>,
        exit_code: i32,
    },
    RateLimited {
        pid: Option<i64>,
        claimer: Option<ClaimLock>,
        exit_code: i32,
    },
    Crashed {
        pid: Option<i64>,
        claimer: Option<ClaimLock>,
        exit_kind: &'static str,
        exit_code: Option<i32>,
    },
    SpawnFailed {
        error: String,
        failures: i64,
    },
    GaveUp {
        failures: i64,
        effective_limit: i64,
        limit_source: &'static str,
        error: String,
        trigger_outcome: &'static str,
    },
}

impl NewEvent {
    /// The word in the `kind` column. The three kinds of old that the peer rewrites at open
    /// (`ready`, `priority`, `spawn_auto_blocked`) are never written.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Assigned { .. } => "assigned",
            Self::Linked { .. } => "linked",
            Self::Unlinked { .. } => "unlinked",
            Self::Commented { .. } => "commented",
            Self::Promoted => "promoted",
            Self::PromotedManual { .. } => "promoted_manual",
            Self::ClaimRejected { .. } => "claim_rejected",
            Self::Claimed { .. } => "claimed",
            Self::ClaimExtended { .. } => "claim_extended",
            Self::Spawned { .. } => "spawned",
            Self::Heartbeat { .. } => "heartbeat",
            Self::ReclaimedExpired { .. } | Self::ReclaimedManual { .. } => "reclaimed",
            Self::Cancelled { .. } => "cancelled",
            Self::Completed { .. } => "completed",
            Self::SuspectedReferences { .. } => "suspected_hallucinated_references",
            Self::CompletionBlocked { .. } => "completion_blocked_hallucination",
            Self::Edited { .. } => "edited",
            Self::Reprioritized { .. } => "reprioritized",
            Self::Blocked { .. } => "blocked",
            Self::DependencyWait { .. } => "dependency_wait",
            Self::BlockLoop { .. } => "block_loop_detected",
            Self::Unblocked { .. } => "unblocked",
            Self::Scheduled { .. } => "scheduled",
            Self::Archived => "archived",
            Self::TimedOut { .. } => "timed_out",
            Self::Stale { .. } => "stale",
            Self::ProtocolViolation { .. } => "protocol_violation",
            Self::RateLimited { .. } => "rate_limited",
            Self::Crashed { .. } => "crashed",
            Self::SpawnFailed { .. } => "spawn_failed",
            Self::GaveUp { .. } => "gave_up",
        }
    }
}
