//! Payloads of events. They are written as text at once, key by key: every command writes one,
//! under the lock of all writers.

use super::{TEXT_BYTES, append};
use andon_core::event::NewEvent;
use andon_core::id::{RunId, TaskId};
use andon_core::run::{HostReach, Means, Termination};
use andon_core::task::Status;
use andon_core::time::Timestamp;
use andon_core::transition::RunRef;
use serde::Serialize;

/// A JSON object in the spacing of the board file, being written.
struct Object(Vec<u8>);

impl Object {
    fn new() -> Self {
        let mut bytes = Vec::with_capacity(TEXT_BYTES);
        bytes.push(b'{');
        Self(bytes)
    }

    /// Adds a key that needs no escapes and was not there yet.
    fn with<T: Serialize + ?Sized>(mut self, key: &'static str, value: &T) -> Self {
        if self.0.len() > 1 {
            self.0.extend_from_slice(b", ");
        }
        self.0.push(b'"');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\": ");
        append(&mut self.0, value);
        self
    }

    fn text(mut self) -> String {
        self.0.push(b'}');
        String::from_utf8(self.0).expect("JSON is UTF-8")
    }
}

/// An object of these keys and values, in this order.
macro_rules! object {
    ({$($key:literal: $value:expr),* $(,)?}) => { Object::new()$(.with($key, &$value))* };
}

/// An event's payload. `resolve` gives the id of a run that the transition opened.
pub fn payload(event: &NewEvent, resolve: impl Fn(RunRef) -> RunId) -> Option<String> {
    object_of(event, resolve).map(Object::text)
}

fn ids(ids: &[TaskId]) -> Vec<&str> {
    ids.iter().map(TaskId::as_str).collect()
}

fn time(at: &Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.0)
}

/// Optional things that show as text.
fn text<T: ToString>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(T::to_string)
}

fn object_of(event: &NewEvent, resolve: impl Fn(RunRef) -> RunId) -> Option<Object> {
    Some(match event {
        NewEvent::Promoted
        | NewEvent::Archived
        | NewEvent::Heartbeat { note: None }
        | NewEvent::Unblocked { to: Status::Ready } => return None,
        NewEvent::Created { assignee, status, parents, tenant, branch_name, skills, goal_mode } => {
            let skills = (!skills.is_empty()).then_some(skills);
            let goal = goal_mode.then_some(true);
            object!({"assignee": text(assignee), "status": status.word(), "parents": ids(parents),
                "tenant": tenant, "branch_name": branch_name, "skills": skills, "goal_mode": goal})
        }
        NewEvent::Assigned { assignee, source: None } => object!({"assignee": text(assignee)}),
        NewEvent::Assigned { assignee, source: Some(source) } => {
            object!({"assignee": text(assignee), "source": source})
        }
        NewEvent::Linked { parent, child } | NewEvent::Unlinked { parent, child } => {
            object!({"parent": parent.as_str(), "child": child.as_str()})
        }
        NewEvent::Commented { author, len } => object!({"author": author, "len": len}),
        NewEvent::PromotedManual { actor, reason, forced } => {
            object!({"actor": actor, "reason": reason, "forced": forced})
        }
        NewEvent::ClaimRejected { reason } => object!({"reason": reason}),
        NewEvent::Claimed { lock, expires, run, source_status } => {
            let claimed = object!({"lock": lock.as_str(), "expires": expires.0,
                "run_id": resolve(*run).0});
            match source_status {
                Some(status) => claimed.with("source_status", status.word()),
                None => claimed,
            }
        }
        NewEvent::Spawned { pid } => object!({"pid": pid}),
        NewEvent::Heartbeat { note } => object!({"note": note}),
        NewEvent::Reprioritized { priority } => object!({"priority": priority}),
        NewEvent::Unblocked { to } => object!({"status": to.word()}),
        NewEvent::DependencyWait { reason } => object!({"reason": reason, "kind": "dependency"}),
        NewEvent::Blocked { reason, kind, recurrences } => {
            object!({"reason": reason, "kind": text(kind), "recurrences": recurrences})
        }
        NewEvent::BlockLoop { reason, kind, recurrences, limit } => object!({
            "reason": reason, "kind": text(kind), "recurrences": recurrences, "limit": limit}),
        NewEvent::Scheduled { reason, due_at: None } => object!({"reason": reason}),
        NewEvent::Scheduled { reason, due_at } => {
            object!({"reason": reason, "due_at": time(due_at)})
        }
        NewEvent::Completed { .. }
        | NewEvent::SuspectedReferences { .. }
        | NewEvent::CompletionBlocked { .. }
        | NewEvent::Edited { .. } => handoff(event),
        NewEvent::ClaimExtended { .. }
        | NewEvent::ReclaimedExpired { .. }
        | NewEvent::ReclaimedManual { .. }
        | NewEvent::Cancelled { .. }
        | NewEvent::TimedOut { .. }
        | NewEvent::Stale { .. }
        | NewEvent::ProtocolViolation { .. }
        | NewEvent::RateLimited { .. }
        | NewEvent::Crashed { .. }
        | NewEvent::SpawnFailed { .. }
        | NewEvent::GaveUp { .. } => ending(event),
    })
}

/// What is handed over.
fn handoff(event: &NewEvent) -> Object {
    match event {
        NewEvent::Completed { result_len, summary, verified_cards, artifacts } => {
            let mut object = object!({"result_len": result_len, "summary": summary});
            if !verified_cards.is_empty() {
                object = object.with("verified_cards", &ids(verified_cards));
            }
            if !artifacts.is_empty() {
                object = object.with("artifacts", artifacts);
            }
            object
        }
        NewEvent::SuspectedReferences { phantom_refs } => {
            object!({"phantom_refs": ids(phantom_refs), "source": "completion_summary"})
        }
        NewEvent::CompletionBlocked { phantom_cards, verified_cards, summary_preview } => object!({
            "phantom_cards": ids(phantom_cards), "verified_cards": ids(verified_cards),
            "summary_preview": summary_preview}),
        NewEvent::Edited { fields, result_len: None, summary: _ } => object!({"fields": fields}),
        NewEvent::Edited { fields, result_len, summary } => {
            object!({"fields": fields, "result_len": result_len, "summary": summary})
        }
        other => unreachable!("{} is no hand-off", other.kind()),
    }
}

/// How runs end and leases go on.
fn ending(event: &NewEvent) -> Object {
    match event {
        NewEvent::ClaimExtended {
            worker_pid,
            claim_lock,
            claim_expires_was,
            claim_expires_now,
            last_heartbeat_at,
        } => object!({"reason": "pid_alive", "worker_pid": worker_pid,
            "claim_lock": claim_lock.as_str(), "claim_expires_was": time(claim_expires_was),
            "claim_expires_now": claim_expires_now.0, "last_heartbeat_at": time(last_heartbeat_at)}),
        NewEvent::ReclaimedExpired {
            stale_lock,
            worker_pid,
            claim_expires,
            last_heartbeat_at,
            now,
            termination,
        } => {
            // Here, and only here, where the worker was reached stands among the event's own keys.
            let object = object!({"stale_lock": text(stale_lock), "worker_pid": worker_pid,
                "claim_expires": time(claim_expires), "last_heartbeat_at": time(last_heartbeat_at),
                "now": now.0, "host_local": is_local(termination), "heartbeat_stale": false,
                "prev_pid": termination.pid});
            with_means(object, termination)
        }
        NewEvent::ReclaimedManual { reason, prev_lock, termination } => with_termination(
            object!({"manual": true, "reason": reason, "prev_lock": text(prev_lock)}),
            termination,
        ),
        NewEvent::Cancelled { reason, by, termination } => {
            with_termination(object!({"reason": reason, "by": by}), termination)
        }
        NewEvent::TimedOut { pid, elapsed, limit, sigkill } => object!({"pid": pid,
            "elapsed_seconds": elapsed.0, "limit_seconds": limit.0, "sigkill": sigkill}),
        NewEvent::Stale { elapsed, last_heartbeat_at, silent, termination } => with_termination(
            object!({"elapsed_seconds": elapsed.0, "last_heartbeat_at": time(last_heartbeat_at),
                "heartbeat_age_seconds": silent.0, "timeout_seconds": silent.0,
                "pid": termination.pid}),
            termination,
        ),
        NewEvent::ProtocolViolation { pid, claimer, exit_code } => object!({"pid": pid,
            "claimer": text(claimer), "exit_code": exit_code, "protocol_violation": true}),
        NewEvent::RateLimited { pid, claimer, exit_code } => {
            object!({"pid": pid, "claimer": text(claimer), "exit_code": exit_code})
        }
        NewEvent::Crashed { pid, claimer, exit_kind, exit_code } => object!({"pid": pid,
            "claimer": text(claimer), "exit_kind": exit_kind, "exit_code": exit_code}),
        NewEvent::SpawnFailed { error, failures } => {
            object!({"error": error, "failures": failures})
        }
        NewEvent::GaveUp { failures, effective_limit, limit_source, error, trigger_outcome } => {
            object!({"failures": failures, "effective_limit": effective_limit,
                "limit_source": limit_source, "error": error, "trigger_outcome": trigger_outcome})
        }
        other => unreachable!("{} is no ending", other.kind()),
    }
}

/// Adds the five termination keys (dispatch reference §0.8).
fn with_termination(object: Object, termination: &Termination) -> Object {
    let object =
        object.with("prev_pid", &termination.pid).with("host_local", &is_local(termination));
    with_means(object, termination)
}

fn is_local(termination: &Termination) -> bool {
    termination.host == HostReach::Local
}

fn with_means(object: Object, termination: &Termination) -> Object {
    let attempted = termination.means != Means::NotAttempted;
    object
        .with("termination_attempted", &attempted)
        .with("terminated", &attempted)
        .with("sigkill", &(termination.means == Means::Killed))
}

#[cfg(test)]
mod tests;
