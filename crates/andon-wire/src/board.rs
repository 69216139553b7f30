//! Boards.

use serde::Serialize;
use serde_json::{Map, Value};

/// A board in a list (surfaces reference §4).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "fields are those of `board.json`")]
pub struct BoardObject<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    pub icon: &'a str,
    pub color: &'a str,
    pub default_workdir: Option<&'a str>,
    pub created_at: Option<i64>,
    pub archived: bool,
    /// The database file.
    pub db_path: &'a str,
    /// Whether verbs without `--board` use it.
    pub is_current: bool,
    /// Status to number of tasks.
    pub counts: Map<String, Value>,
    /// Sum of the counts.
    pub total: u64,
}
