//! Reads: each on a read-only connection of its own pool, none of them a write (S9).

mod history;
mod queue;
mod stats;
mod tasks;

use crate::load::{self, one};
use crate::row;
use crate::statement::Statements;
use andon_core::event::Event;
use andon_core::id::{EventId, RunId, TaskId};
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use andon_core::time::Timestamp;
use andon_core::view::{OpenParents, Pause};
use andon_store::{
    AttachmentRow, Comment, Cursor, DueTask, EventFilter, ExpiredClaim, LinkEnds, ListFilter,
    Newest, OpenRunRow, QueueEntry, Read, SettledPage, Stats, StoreError,
};

impl Read for crate::SqliteStore {
    fn task_get(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        self.pool().with(|db| load::task(db, id))
    }

    fn task_list(&self, filter: &ListFilter) -> Result<Vec<Task>, StoreError> {
        self.pool().with(|db| tasks::list(db, filter))
    }

    fn links(&self, id: &TaskId) -> Result<LinkEnds, StoreError> {
        self.pool().with(|db| tasks::links(db, id))
    }

    fn open_parents(&self, id: &TaskId) -> Result<OpenParents, StoreError> {
        self.pool().with(|db| load::open_parents(db, id))
    }

    fn run_get(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        self.pool().with(|db| load::run(db, id))
    }

    fn run_list(&self, task: &TaskId) -> Result<Vec<Run>, StoreError> {
        self.pool().with(|db| history::runs(db, task))
    }

    fn run_newest(&self, task: &TaskId, limit: usize) -> Result<Newest<Run>, StoreError> {
        self.pool().with(|db| history::newest_runs(db, task, limit))
    }

    fn run_completed(&self, task: &TaskId) -> Result<Option<Run>, StoreError> {
        self.pool().with(|db| history::completed(db, task))
    }

    fn run_lingering(&self, task: &TaskId) -> Result<Option<Run>, StoreError> {
        self.pool().with(|db| queue::lingering(db, task))
    }

    fn run_recent(
        &self,
        profile: &str,
        but: &TaskId,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        self.pool().with(|db| history::recent(db, profile, but, limit))
    }

    fn comment_list(&self, task: &TaskId) -> Result<Vec<Comment>, StoreError> {
        self.pool().with(|db| history::comments(db, task))
    }

    fn comment_newest(&self, task: &TaskId, limit: usize) -> Result<Newest<Comment>, StoreError> {
        self.pool().with(|db| history::newest_comments(db, task, limit))
    }

    fn attachment_list(&self, task: &TaskId) -> Result<Vec<AttachmentRow>, StoreError> {
        self.pool().with(|db| history::attachments(db, task))
    }

    fn event_list(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.pool().with(|db| history::events(db, filter))
    }

    fn event_last(&self) -> Result<Option<EventId>, StoreError> {
        self.pool().with(history::last_event)
    }

    fn status_counts(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        self.pool().with(stats::by_status)
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        self.pool().with(stats::stats)
    }

    fn pause_get(&self) -> Result<Option<Pause>, StoreError> {
        self.pool().with(load::pause)
    }

    fn queue_heads(&self, at: Timestamp, each: usize) -> Result<Vec<QueueEntry>, StoreError> {
        self.pool().with(|db| queue::heads(db, at, each))
    }

    fn run_open_list(&self) -> Result<Vec<OpenRunRow>, StoreError> {
        self.pool().with(queue::open_runs)
    }

    fn run_lingering_list(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        self.pool().with(|db| queue::all_lingering(db, limit))
    }

    fn claim_expired(&self, at: Timestamp, limit: usize) -> Result<Vec<ExpiredClaim>, StoreError> {
        self.pool().with(|db| queue::expired(db, at, limit))
    }

    fn due_list(&self, at: Timestamp, limit: usize) -> Result<Vec<DueTask>, StoreError> {
        self.pool().with(|db| queue::due(db, at, limit))
    }

    fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.pool().with(|db| queue::next_due(db, after))
    }

    fn settled_page(&self, after: Cursor, scan: usize) -> Result<SettledPage, StoreError> {
        self.pool().with(|db| queue::settled(db, after, scan))
    }
}

/// A limit as SQLite takes it: -1 means none.
fn sql_limit(limit: Option<usize>) -> i64 {
    limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX))
}

/// Reads a column, or says that the row is damaged.
fn column<T: rusqlite::types::FromSql>(
    row: &rusqlite::Row<'_>,
    index: usize,
) -> Result<T, StoreError> {
    row.get(index).map_err(|error| crate::fault::of("read the board", error))
}

/// Asks for runs, each with its keeper, by a condition on `r` or `k`.
fn runs_sql(condition: &str) -> String {
    format!("SELECT {} FROM {} WHERE {condition}", row::RUN_COLUMNS, row::RUN_FROM)
}

/// The first of these runs.
fn run_where(
    db: &Statements<'_>,
    condition: &str,
    params: impl rusqlite::Params,
) -> Result<Option<Run>, StoreError> {
    one(db, &runs_sql(condition), params, row::run)
}
