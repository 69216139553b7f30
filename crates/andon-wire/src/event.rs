//! Events.

use crate::stored;
use andon_core::event::Event;
use serde::Serialize;
use serde_json::Value;

/// An event among those of its task (surfaces reference §3.4).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventObject<'a> {
    /// What happened.
    pub kind: &'a str,
    /// The particulars; null where there are none.
    pub payload: Value,
    /// When.
    pub created_at: i64,
    /// Run, where it belongs to one.
    pub run_id: Option<i64>,
    /// Place in the board's history.
    pub id: i64,
}

/// An event on its own, one per line of a stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StreamedEvent<'a> {
    /// Place in the board's history: `--since` takes it.
    pub id: i64,
    /// Task.
    pub task_id: &'a str,
    /// Run, where it belongs to one.
    pub run_id: Option<i64>,
    /// What happened.
    pub kind: &'a str,
    /// The particulars; null where there are none.
    pub payload: Value,
    /// When.
    pub created_at: i64,
}

impl<'a> From<&'a Event> for EventObject<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            kind: &event.kind,
            payload: event.payload.as_ref().map_or(Value::Null, stored::value),
            created_at: event.at.0,
            run_id: event.run.map(|run| run.0),
            id: event.id.0,
        }
    }
}

impl<'a> From<&'a Event> for StreamedEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            id: event.id.0,
            task_id: event.task.as_str(),
            run_id: event.run.map(|run| run.0),
            kind: &event.kind,
            payload: event.payload.as_ref().map_or(Value::Null, stored::value),
            created_at: event.at.0,
        }
    }
}
