//! Counts of a board.

use andon_core::task::Status;
use andon_core::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// What `stats --json` writes (surfaces reference §3.14). Archived tasks do not count; a status
/// without tasks is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatsObject {
    /// Status to number.
    pub by_status: Map<String, Value>,
    /// Assignee to status to number.
    pub by_assignee: Map<String, Value>,
    /// How long the longest waiting ready task has been ready.
    pub oldest_ready_age_seconds: Option<i64>,
    /// The time of the count.
    pub now: i64,
}

/// Counts as a JSON object.
pub fn counts(counts: &[(Status, u64)]) -> Map<String, Value> {
    counts.iter().map(|(status, n)| (status.word().to_owned(), Value::from(*n))).collect()
}

impl StatsObject {
    /// Builds the object. `by_assignee` holds names with their counts; `oldest_ready` is when the
    /// longest waiting ready task became ready.
    pub fn new<'a>(
        by_status: &[(Status, u64)],
        by_assignee: impl IntoIterator<Item = (&'a str, &'a [(Status, u64)])>,
        oldest_ready: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let named = |(name, of): (&str, &[(Status, u64)])| (name.to_owned(), counts(of).into());
        Self {
            by_status: counts(by_status),
            by_assignee: by_assignee.into_iter().map(named).collect(),
            oldest_ready_age_seconds: oldest_ready.map(|since| (now - since).0.max(0)),
            now: now.0,
        }
    }
}
