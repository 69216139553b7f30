//! What the dispatcher asks: each query is found by an index and costs what it answers.

use super::{column, run_where, runs_sql, sql_limit};
use crate::load::{all, id_at, one, readable, status_at};
use crate::row;
use crate::statement::Statements;
use andon_core::id::{Assignee, ClaimLock, TaskId};
use andon_core::run::Run;
use andon_core::task::Claim;
use andon_core::time::Timestamp;
use andon_store::{Cursor, DueTask, ExpiredClaim, OpenRunRow, QueueEntry, SettledPage, StoreError};

/// Assignees with something in the queue, found by skipping from one to the next.
const QUEUED_ASSIGNEES: &str = "WITH RECURSIVE who(name) AS ( \
        SELECT min(assignee) FROM tasks \
        WHERE status IN ('ready', 'review') AND assignee IS NOT NULL \
        UNION ALL \
        SELECT (SELECT min(assignee) FROM tasks \
                WHERE status IN ('ready', 'review') AND assignee > who.name) \
        FROM who WHERE who.name IS NOT NULL) \
    SELECT name FROM who WHERE name IS NOT NULL";

/// The head of one queue. Left out: tasks that are held, that wait after a failure, or of which
/// an earlier run's processes still end.
const QUEUE_HEAD: &str = "SELECT id, assignee, COALESCE(priority, 0), created_at, status \
    FROM tasks INDEXED BY andon_queue \
    WHERE status IN ('ready', 'review') AND assignee IS ?1 \
      AND (claim_lock IS NULL OR claim_expires < ?2) \
      AND NOT EXISTS (SELECT 1 FROM andon_tasks x WHERE x.task_id = tasks.id AND x.not_before > ?2) \
      AND NOT EXISTS (SELECT 1 FROM andon_runs k WHERE k.task_id = tasks.id AND k.gone_at IS NULL) \
    ORDER BY COALESCE(priority, 0) DESC, created_at, id LIMIT ?3";

pub(super) fn heads(
    db: &Statements<'_>,
    at: Timestamp,
    each: usize,
) -> Result<Vec<QueueEntry>, StoreError> {
    let mut assignees: Vec<Option<String>> = vec![None];
    assignees.extend(readable(db, QUEUED_ASSIGNEES, [], |row| column(row, 0).map(Some))?);
    let mut heads = Vec::new();
    for assignee in assignees {
        heads.extend(readable(db, QUEUE_HEAD, (assignee, at.0, sql_limit(Some(each))), |row| {
            Ok(QueueEntry {
                task: id_at(row, 0)?,
                assignee: column::<Option<String>>(row, 1)?.map(Assignee::from_row),
                priority: column(row, 2)?,
                created_at: Timestamp(column(row, 3)?),
                status: status_at(row, 4)?,
            })
        })?);
    }
    Ok(heads)
}

/// Columns of a running task beside its run.
fn running_sql(condition: &str) -> String {
    format!(
        "SELECT {}, t.id, t.assignee, t.claim_lock, t.claim_expires, t.worker_pid \
         FROM tasks t LEFT JOIN task_runs r ON r.id = t.current_run_id \
         LEFT JOIN andon_runs k ON k.run_id = r.id WHERE {condition}",
        row::RUN_COLUMNS
    )
}

/// The run of a row of [`running_sql`].
fn joined_run(row: &rusqlite::Row<'_>) -> Result<Option<Run>, StoreError> {
    match column::<Option<i64>>(row, 0)? {
        Some(_) => row::run(row).map(Some),
        None => Ok(None),
    }
}

pub(super) fn open_runs(db: &Statements<'_>) -> Result<Vec<OpenRunRow>, StoreError> {
    readable(db, &running_sql("t.status = 'running'"), [], |row| {
        Ok(OpenRunRow {
            task: id_at(row, row::RUN_WIDTH)?,
            assignee: column::<Option<String>>(row, row::RUN_WIDTH + 1)?.map(Assignee::from_row),
            // A task that runs counts, whatever can be read of its run.
            run: joined_run(row).ok().flatten(),
        })
    })
}

pub(super) fn expired(
    db: &Statements<'_>,
    at: Timestamp,
    limit: usize,
) -> Result<Vec<ExpiredClaim>, StoreError> {
    // Found among the running ones, which are few: lapsed, and never given (the peer forgets those
    // for ever).
    let lapsed = "t.status = 'running' AND t.claim_expires < ?1 LIMIT ?2";
    let without = "t.status = 'running' AND t.claim_expires IS NULL AND ?1 = ?1 LIMIT ?2";
    let mut found = Vec::new();
    for condition in [lapsed, without] {
        found.extend(readable(
            db,
            &running_sql(condition),
            (at.0, sql_limit(Some(limit))),
            |row| {
                let lock: Option<String> = column(row, row::RUN_WIDTH + 2)?;
                let expires = column::<Option<i64>>(row, row::RUN_WIDTH + 3)?.map(Timestamp);
                Ok(ExpiredClaim {
                    task: id_at(row, row::RUN_WIDTH)?,
                    claim: lock.map(|lock| Claim { lock: ClaimLock::from_text(lock), expires }),
                    worker_pid: column(row, row::RUN_WIDTH + 4)?,
                    run: joined_run(row)?,
                })
            },
        )?);
    }
    found.truncate(limit);
    Ok(found)
}

pub(super) fn lingering(db: &Statements<'_>, task: &TaskId) -> Result<Option<Run>, StoreError> {
    let condition = "r.task_id = ?1 AND k.run_id IS NOT NULL AND k.gone_at IS NULL \
                     AND r.ended_at IS NOT NULL LIMIT 1";
    run_where(db, condition, [task.as_str()])
}

pub(super) fn all_lingering(db: &Statements<'_>, limit: usize) -> Result<Vec<Run>, StoreError> {
    let condition = "r.id IN (SELECT run_id FROM andon_runs INDEXED BY andon_lingering \
                     WHERE gone_at IS NULL) AND r.ended_at IS NOT NULL LIMIT ?1";
    readable(db, &runs_sql(condition), [sql_limit(Some(limit))], row::run)
}

/// Due tasks. A due time holds only while the scheduling that set it is the newest one.
pub(super) fn due(
    db: &Statements<'_>,
    at: Timestamp,
    limit: usize,
) -> Result<Vec<DueTask>, StoreError> {
    let sql = "SELECT t.id, x.due_at FROM andon_tasks x JOIN tasks t ON t.id = x.task_id \
               WHERE x.due_at <= ?1 AND t.status = 'scheduled' AND NOT EXISTS ( \
                   SELECT 1 FROM task_events e WHERE e.task_id = t.id AND e.kind = 'scheduled' \
                   AND e.id > x.due_event) \
               ORDER BY x.due_at, t.id LIMIT ?2";
    readable(db, sql, (at.0, sql_limit(Some(limit))), |row| {
        Ok(DueTask { task: id_at(row, 0)?, at: Timestamp(column(row, 1)?) })
    })
}

pub(super) fn next_due(
    db: &Statements<'_>,
    after: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let soonest = [
        "SELECT min(due_at) FROM andon_tasks WHERE due_at > ?1",
        "SELECT min(not_before) FROM andon_tasks WHERE not_before > ?1",
        "SELECT min(claim_expires) FROM tasks WHERE status = 'running' AND claim_expires > ?1",
    ];
    let mut next: Option<i64> = None;
    for sql in soonest {
        // Whatever is no time comes after all times: one that stands first has none before it.
        let found = one(db, sql, [after.0], |row| Ok(column::<i64>(row, 0).ok()))?.flatten();
        next = match (next, found) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    Ok(next.map(Timestamp))
}

/// One slice of the waiting tasks: the status index has the row number behind it, so a slice begins
/// where the last one ended.
pub(super) fn settled(
    db: &Statements<'_>,
    after: Cursor,
    scan: usize,
) -> Result<SettledPage, StoreError> {
    let sql = "SELECT t.rowid, t.id, NOT EXISTS ( \
                   SELECT 1 FROM task_links l JOIN tasks p ON p.id = l.parent_id \
                   WHERE l.child_id = t.id AND p.status NOT IN ('done', 'archived')) \
               FROM tasks t INDEXED BY idx_tasks_status \
               WHERE t.status = 'todo' AND t.rowid > ?1 ORDER BY t.rowid LIMIT ?2";
    let slice = all(db, sql, (after.0, sql_limit(Some(scan))), |row| {
        Ok((Cursor(column(row, 0)?), id_at(row, 1).ok(), column::<bool>(row, 2)?))
    })?;
    let next = if slice.len() < scan { None } else { slice.last().map(|(cursor, ..)| *cursor) };
    let ready = slice.into_iter().filter_map(|(_, id, free)| id.filter(|_| free)).collect();
    Ok(SettledPage { ready, next })
}
