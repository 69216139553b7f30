//! Runs, comments, attachments and events of a task.

use super::{column, run_where, runs_sql, sql_limit};
use crate::load::{all, first_readable, one, readable};
use crate::row;
use crate::statement::Statements;
use andon_core::event::Event;
use andon_core::id::{EventId, TaskId};
use andon_core::run::Run;
use andon_core::time::Timestamp;
use andon_store::{AttachmentRow, Comment, EventFilter, Newest, OddEvents, StoreError};
use rusqlite::Row;
use rusqlite::types::Value;

pub(super) fn runs(db: &Statements<'_>, task: &TaskId) -> Result<Vec<Run>, StoreError> {
    let sql = runs_sql("r.task_id = ?1 ORDER BY r.started_at, r.id");
    all(db, &sql, [task.as_str()], row::run)
}

pub(super) fn newest_runs(
    db: &Statements<'_>,
    task: &TaskId,
    limit: usize,
) -> Result<Newest<Run>, StoreError> {
    let sql = runs_sql(
        "r.task_id = ?1 AND r.ended_at IS NOT NULL ORDER BY r.started_at DESC, r.id DESC LIMIT ?2",
    );
    let rows = all(db, &sql, (task.as_str(), sql_limit(Some(limit))), row::run)?;
    let count = "SELECT count(*) FROM task_runs WHERE task_id = ?1 AND ended_at IS NOT NULL";
    newest(db, rows, limit, count, task)
}

pub(super) fn completed(db: &Statements<'_>, task: &TaskId) -> Result<Option<Run>, StoreError> {
    let condition = "r.task_id = ?1 AND r.outcome = 'completed' \
                     ORDER BY r.started_at DESC, r.id DESC LIMIT 1";
    run_where(db, condition, [task.as_str()])
}

pub(super) fn recent(
    db: &Statements<'_>,
    profile: &str,
    but: &TaskId,
    limit: usize,
) -> Result<Vec<Run>, StoreError> {
    let condition = "r.profile = ?1 AND r.outcome = 'completed' AND r.task_id <> ?2 \
                     ORDER BY r.ended_at DESC, r.id DESC";
    first_readable(db, &runs_sql(condition), (profile, but.as_str()), limit, row::run)
}

/// The columns of [`comment`].
const COMMENTS: &str = "SELECT id, author, body, created_at FROM task_comments WHERE task_id = ?1";

fn comment(row: &Row<'_>, task: &TaskId) -> Result<Comment, StoreError> {
    Ok(Comment {
        id: column(row, 0)?,
        task: task.clone(),
        author: column(row, 1)?,
        body: column(row, 2)?,
        at: Timestamp(column(row, 3)?),
    })
}

pub(super) fn comments(db: &Statements<'_>, task: &TaskId) -> Result<Vec<Comment>, StoreError> {
    let sql = format!("{COMMENTS} ORDER BY created_at, id");
    readable(db, &sql, [task.as_str()], |row| comment(row, task))
}

pub(super) fn newest_comments(
    db: &Statements<'_>,
    task: &TaskId,
    limit: usize,
) -> Result<Newest<Comment>, StoreError> {
    let sql = format!("{COMMENTS} ORDER BY created_at DESC, id DESC");
    let rows = first_readable(db, &sql, [task.as_str()], limit, |row| comment(row, task))?;
    newest(db, rows, limit, "SELECT count(*) FROM task_comments WHERE task_id = ?1", task)
}

/// Rows that were read from the newest on, and how many there are before them: none if they are
/// fewer than were asked for.
fn newest<T>(
    db: &Statements<'_>,
    mut rows: Vec<T>,
    limit: usize,
    count: &'static str,
    task: &TaskId,
) -> Result<Newest<T>, StoreError> {
    rows.reverse();
    let all = match rows.len() < limit {
        true => None,
        false => one(db, count, [task.as_str()], |row| column::<u32>(row, 0))?,
    };
    let earlier = all.map_or(0, |all| (all as usize).saturating_sub(rows.len()));
    Ok(Newest { rows, earlier })
}

pub(super) fn attachments(
    db: &Statements<'_>,
    task: &TaskId,
) -> Result<Vec<AttachmentRow>, StoreError> {
    let sql = "SELECT id, filename, stored_path, content_type, size, uploaded_by, created_at \
               FROM task_attachments WHERE task_id = ?1 ORDER BY created_at, id";
    readable(db, sql, [task.as_str()], |row| {
        Ok(AttachmentRow {
            id: column(row, 0)?,
            task: task.clone(),
            filename: column(row, 1)?,
            stored_path: column(row, 2)?,
            content_type: column(row, 3)?,
            size: column::<Option<i64>>(row, 4)?.unwrap_or(0),
            uploaded_by: column(row, 5)?,
            at: Timestamp(column(row, 6)?),
        })
    })
}

/// Events by id. Events of one task are found by the task's index, all others by id.
pub(super) fn events(db: &Statements<'_>, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    if let Some(task) = &filter.task {
        conditions.push("task_id = ?".to_owned());
        values.push(Value::Text(task.as_str().to_owned()));
    }
    if let Some(after) = filter.after {
        // The unary plus keeps SQLite from walking the whole history by id for one task's events.
        let id = if filter.task.is_some() { "+id" } else { "id" };
        conditions.push(format!("{id} > ?"));
        values.push(Value::Integer(after.0));
    }
    if !filter.kinds.is_empty() {
        let marks = vec!["?"; filter.kinds.len()].join(", ");
        conditions.push(format!("kind IN ({marks})"));
        values.extend(filter.kinds.iter().cloned().map(Value::Text));
    }
    let condition = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
    let order = if filter.task.is_some() { "+id" } else { "id" };
    let columns = row::EVENT_COLUMNS;
    let sql = format!("SELECT {columns} FROM task_events WHERE {condition} ORDER BY {order}");
    match filter.odd {
        OddEvents::Told => {
            values.push(Value::Integer(sql_limit(Some(filter.limit))));
            let sql = format!("{sql} LIMIT ?");
            all(db, &sql, rusqlite::params_from_iter(values), row::event)
        }
        // No limit in the statement, for a row that is passed over must not count.
        OddEvents::PassedOver => {
            let values = rusqlite::params_from_iter(values);
            first_readable(db, &sql, values, filter.limit, row::event)
        }
    }
}

pub(super) fn last_event(db: &Statements<'_>) -> Result<Option<EventId>, StoreError> {
    let sql = "SELECT id FROM task_events ORDER BY id DESC LIMIT 1";
    one(db, sql, [], |row| column(row, 0).map(EventId))
}
