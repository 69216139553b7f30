//! Text forms of the board file: event payloads, skills. The separators and the order of keys are
//! those of the peer (dispatch reference §0.1), so that rows look the same whoever wrote them.

use andon_core::event::NewEvent;
use andon_core::id::RunId;
use andon_core::run::{HostReach, Means, Termination};
use andon_core::time::Timestamp;
use andon_core::transition::RunRef;
use serde_json::ser::Formatter;
use serde_json::{Map, Value, json};
use std::io;

/// Writes `", "` and `": "`, as the peer does.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b": ")
    }
}

/// A JSON value in the spacing of the board file.
pub fn spaced(value: &Value) -> String {
    let mut bytes = Vec::with_capacity(128);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    serde::Serialize::serialize(value, &mut serializer).expect("a JSON value always serialises");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// The skills column: a JSON list with everything beyond ASCII escaped.
pub fn skills_text(skills: &[String]) -> String {
    let raw = spaced(&json!(skills));
    let mut text = String::with_capacity(raw.len());
    for c in raw.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

/// Reads the skills column: a list of texts with empty ones dropped; anything else is no list
/// (board reference §4, row decoding).
pub fn skills_from(text: &str) -> Option<Vec<String>> {
    let Ok(Value::Array(items)) = serde_json::from_str(text) else { return None };
    let texts = items.into_iter().filter_map(|item| match item {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    });
    Some(texts.collect())
}

/// An event's payload. `resolve` gives the id of a run that the transition opened.
pub fn payload(event: &NewEvent, resolve: impl Fn(RunRef) -> RunId) -> Option<String> {
    let value = payload_value(event, resolve);
    (!value.is_null()).then(|| spaced(&value))
}

fn ids(ids: &[andon_core::id::TaskId]) -> Value {
    ids.iter().map(|id| id.as_str()).collect()
}

fn time(at: &Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| json!(at.0))
}

/// Optional things that show as text.
fn text<T: std::fmt::Display>(value: &Option<T>) -> Value {
    value.as_ref().map_or(Value::Null, |value| json!(value.to_string()))
}

fn payload_value(event: &NewEvent, resolve: impl Fn(RunRef) -> RunId) -> Value {
    match event {
        NewEvent::Created { assignee, status, parents, tenant, branch_name, skills, goal_mode } => {
            let skills = if skills.is_empty() { Value::Null } else { json!(skills) };
            let goal = if *goal_mode { json!(true) } else { Value::Null };
            json!({"assignee": text(assignee), "status": status.word(), "parents": ids(parents),
                "tenant": tenant, "branch_name": branch_name, "skills": skills, "goal_mode": goal})
        }
        NewEvent::Assigned { assignee, source: None } => json!({"assignee": text(assignee)}),
        NewEvent::Assigned { assignee, source: Some(source) } => {
            json!({"assignee": text(assignee), "source": source})
        }
        NewEvent::Linked { parent, child } | NewEvent::Unlinked { parent, child } => {
            json!({"parent": parent.as_str(), "child": child.as_str()})
        }
        NewEvent::Commented { author, len } => json!({"author": author, "len": len}),
        NewEvent::Promoted | NewEvent::Archived => Value::Null,
        NewEvent::PromotedManual { actor, reason, forced } => {
            json!({"actor": actor, "reason": reason, "forced": forced})
        }
        NewEvent::ClaimRejected { reason } => json!({"reason": reason}),
        NewEvent::Claimed { lock, expires, run, source_status } => {
            let mut map = Map::new();
            map.insert("lock".into(), json!(lock.as_str()));
            map.insert("expires".into(), json!(expires.0));
            map.insert("run_id".into(), json!(resolve(*run).0));
            if let Some(status) = source_status {
                map.insert("source_status".into(), json!(status.word()));
            }
            Value::Object(map)
        }
        NewEvent::Spawned { pid } => json!({"pid": pid}),
        NewEvent::Heartbeat { note: None } => Value::Null,
        NewEvent::Heartbeat { note } => json!({"note": note}),
        NewEvent::Reprioritized { priority } => json!({"priority": priority}),
        NewEvent::Unblocked { to: andon_core::task::Status::Ready } => Value::Null,
        NewEvent::Unblocked { to } => json!({"status": to.word()}),
        NewEvent::DependencyWait { reason } => json!({"reason": reason, "kind": "dependency"}),
        NewEvent::Blocked { reason, kind, recurrences } => {
            json!({"reason": reason, "kind": text(kind), "recurrences": recurrences})
        }
        NewEvent::BlockLoop { reason, kind, recurrences, limit } => json!({
            "reason": reason, "kind": text(kind), "recurrences": recurrences, "limit": limit}),
        NewEvent::Scheduled { reason, due_at: None } => json!({"reason": reason}),
        NewEvent::Scheduled { reason, due_at } => json!({"reason": reason, "due_at": time(due_at)}),
        NewEvent::Completed { .. }
        | NewEvent::SuspectedReferences { .. }
        | NewEvent::CompletionBlocked { .. }
        | NewEvent::Edited { .. } => handoff_value(event),
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
        | NewEvent::GaveUp { .. } => ending_value(event),
    }
}

/// Payloads of what is handed over.
fn handoff_value(event: &NewEvent) -> Value {
    let mut map = Map::new();
    match event {
        NewEvent::Completed { result_len, summary, verified_cards, artifacts } => {
            map.insert("result_len".into(), json!(result_len));
            map.insert("summary".into(), json!(summary));
            if !verified_cards.is_empty() {
                map.insert("verified_cards".into(), ids(verified_cards));
            }
            if !artifacts.is_empty() {
                map.insert("artifacts".into(), json!(artifacts));
            }
        }
        NewEvent::SuspectedReferences { phantom_refs } => {
            map.insert("phantom_refs".into(), ids(phantom_refs));
            map.insert("source".into(), json!("completion_summary"));
        }
        NewEvent::CompletionBlocked { phantom_cards, verified_cards, summary_preview } => {
            map.insert("phantom_cards".into(), ids(phantom_cards));
            map.insert("verified_cards".into(), ids(verified_cards));
            map.insert("summary_preview".into(), json!(summary_preview));
        }
        NewEvent::Edited { fields, result_len, summary } => {
            map.insert("fields".into(), json!(fields));
            if let Some(len) = result_len {
                map.insert("result_len".into(), json!(len));
                map.insert("summary".into(), json!(summary));
            }
        }
        other => unreachable!("{} is no hand-off", other.kind()),
    }
    Value::Object(map)
}

/// Payloads of how runs end and leases go on.
fn ending_value(event: &NewEvent) -> Value {
    match event {
        NewEvent::ClaimExtended {
            worker_pid,
            claim_lock,
            claim_expires_was,
            claim_expires_now,
            last_heartbeat_at,
        } => json!({"reason": "pid_alive", "worker_pid": worker_pid,
            "claim_lock": claim_lock.as_str(), "claim_expires_was": time(claim_expires_was),
            "claim_expires_now": claim_expires_now.0, "last_heartbeat_at": time(last_heartbeat_at)}),
        NewEvent::ReclaimedExpired {
            stale_lock,
            worker_pid,
            claim_expires,
            last_heartbeat_at,
            now,
            termination,
        } => with_termination(
            json!({"stale_lock": text(stale_lock), "worker_pid": worker_pid,
                "claim_expires": time(claim_expires), "last_heartbeat_at": time(last_heartbeat_at),
                "now": now.0, "host_local": false, "heartbeat_stale": false}),
            termination,
        ),
        NewEvent::ReclaimedManual { reason, prev_lock, termination } => with_termination(
            json!({"manual": true, "reason": reason, "prev_lock": text(prev_lock)}),
            termination,
        ),
        NewEvent::Cancelled { reason, by, termination } => {
            with_termination(json!({"reason": reason, "by": by}), termination)
        }
        NewEvent::TimedOut { pid, elapsed, limit, sigkill } => json!({"pid": pid,
            "elapsed_seconds": elapsed.0, "limit_seconds": limit.0, "sigkill": sigkill}),
        NewEvent::Stale { elapsed, last_heartbeat_at, silent, termination } => with_termination(
            json!({"elapsed_seconds": elapsed.0, "last_heartbeat_at": time(last_heartbeat_at),
                "heartbeat_age_seconds": silent.0, "timeout_seconds": silent.0,
                "pid": termination.pid}),
            termination,
        ),
        NewEvent::ProtocolViolation { pid, claimer, exit_code } => json!({"pid": pid,
            "claimer": text(claimer), "exit_code": exit_code, "protocol_violation": true}),
        NewEvent::RateLimited { pid, claimer, exit_code } => {
            json!({"pid": pid, "claimer": text(claimer), "exit_code": exit_code})
        }
        NewEvent::Crashed { pid, claimer, exit_kind, exit_code } => json!({"pid": pid,
            "claimer": text(claimer), "exit_kind": exit_kind, "exit_code": exit_code}),
        NewEvent::SpawnFailed { error, failures } => json!({"error": error, "failures": failures}),
        NewEvent::GaveUp { failures, effective_limit, limit_source, error, trigger_outcome } => {
            json!({"failures": failures, "effective_limit": effective_limit,
                "limit_source": limit_source, "error": error, "trigger_outcome": trigger_outcome})
        }
        other => unreachable!("{} is no ending", other.kind()),
    }
}

/// Adds the five termination keys; its `host_local` wins (dispatch reference §0.8).
fn with_termination(value: Value, termination: &Termination) -> Value {
    let Value::Object(mut map) = value else { return value };
    let local = termination.host == HostReach::Local;
    let attempted = termination.means != Means::NotAttempted;
    map.insert("prev_pid".into(), json!(termination.pid));
    map.insert("host_local".into(), json!(local));
    map.insert("termination_attempted".into(), json!(attempted));
    map.insert("terminated".into(), json!(attempted));
    map.insert("sigkill".into(), json!(termination.means == Means::Killed));
    Value::Object(map)
}

#[cfg(test)]
mod tests;
