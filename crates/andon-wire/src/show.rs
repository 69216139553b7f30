//! Everything about one task.

use crate::event::EventObject;
use crate::run::RunOfTask;
use crate::task::TaskObject;
use serde::Serialize;

/// What `show --json` writes (surfaces reference §3.4); attachments are ours (S25).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShowDocument<'a> {
    /// The task.
    pub task: TaskObject<'a>,
    /// Newest summary of its runs that is not empty.
    pub latest_summary: Option<&'a str>,
    /// Ids of the tasks that it waits for.
    pub parents: Vec<&'a str>,
    /// Ids of the tasks that wait for it.
    pub children: Vec<&'a str>,
    /// By time.
    pub comments: Vec<CommentObject<'a>>,
    /// All, by id.
    pub events: Vec<EventObject<'a>>,
    /// By start.
    pub runs: Vec<RunOfTask<'a>>,
    /// By time.
    pub attachments: Vec<AttachmentObject<'a>>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "named as the columns of board reference §4")]
pub struct CommentObject<'a> {
    pub author: &'a str,
    pub body: &'a str,
    pub created_at: i64,
    pub id: i64,
}

/// An attachment (surfaces reference §3.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "named as the columns of board reference §4")]
pub struct AttachmentObject<'a> {
    pub id: i64,
    pub filename: &'a str,
    pub content_type: Option<&'a str>,
    pub size: i64,
    pub uploaded_by: Option<&'a str>,
    pub stored_path: &'a str,
    pub created_at: i64,
}
