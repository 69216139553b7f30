//! Loads what a command may look at, inside the command's own transaction. Each statement is found
//! by an index and costs what the task's neighbourhood costs.

mod fresh_id;
mod link;

use crate::fault;
use crate::quote;
use crate::row;
use crate::statement::{Sql, Statements};
use andon_core::id::{RunId, TaskId};
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use andon_core::time::Timestamp;
use andon_core::view::{
    Child, Known, Needs, OPEN_PARENTS_NAMED, OpenParents, OtherParents, Pause, View,
};
use andon_store::StoreError;
use rusqlite::{OptionalExtension, Params, Row};
use std::sync::OnceLock;

/// What the loader was doing, for errors.
const DOING: &str = "read the board";

/// Loads a view.
pub(crate) fn view(
    db: &Statements<'_>,
    needs: &Needs<'_>,
    random: &dyn Fn() -> u32,
) -> Result<View, StoreError> {
    let mut view = View::default();
    if let Some(id) = needs.subject {
        view.task = task(db, id)?;
    }
    if let Some(task) = &mut view.task {
        let current = task.current_run.map(|id| run(db, id)).transpose()?.flatten();
        let current = current.filter(|run| run.task == task.id && run.is_open());
        // Another program may have left the number of a run that is not there, is over, or is
        // another task's: such a task has none, and nothing is written to that run.
        task.current_run = current.as_ref().map(|run| run.id);
        view.run = match needs.run {
            Some(wanted) if Some(wanted) != task.current_run => run(db, wanted)?,
            Some(_) | None => current,
        };
        if needs.last_completed {
            view.last_completed = last_completed(db, &task.id)?;
        }
        if needs.lingering {
            view.lingering = lingering(db, &task.id)?;
        }
        if needs.parents {
            view.open_parents = open_parents(db, &task.id)?;
        }
        if needs.children {
            view.children = children(db, &task.id)?;
        }
    }
    for id in &needs.known {
        view.known.extend(known(db, id, needs.subject)?);
    }
    if let Some(key) = needs.idempotency_key {
        view.same_key = same_key(db, key)?;
    }
    if let Some((parent, child)) = needs.link {
        view.link = link::state(db, parent, child)?;
    }
    if needs.pause {
        view.paused = pause(db)?;
    }
    if needs.fresh_id {
        view.fresh_id = Some(fresh_id::draw(db, random)?);
    }
    Ok(view)
}

/// Runs a query for at most one row.
pub(crate) fn one<'sql, T>(
    db: &Statements<'_>,
    sql: impl Into<Sql<'sql>>,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = db.prepare(sql, DOING)?;
    let mut rows = statement.query(params).map_err(|e| fault::of(DOING, e))?;
    match rows.next().map_err(|e| fault::of(DOING, e))? {
        Some(row) => read(row).map(Some),
        None => Ok(None),
    }
}

/// Runs a query for any number of rows.
pub(crate) fn all<'sql, T>(
    db: &Statements<'_>,
    sql: impl Into<Sql<'sql>>,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare(sql, DOING)?;
    let mut rows = statement.query(params).map_err(|e| fault::of(DOING, e))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|e| fault::of(DOING, e))? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Like [`all`], without the rows that cannot be read: an odd id, a word that nobody knows, a text
/// in the place of a number. One such row must not hide the others or stop the dispatcher (D31).
pub(crate) fn readable<'sql, T>(
    db: &Statements<'_>,
    sql: impl Into<Sql<'sql>>,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    first_readable(db, sql, params, usize::MAX, read)
}

/// The first rows that can be read, at most so many. Fewer mean that there are no more.
pub(crate) fn first_readable<'sql, T>(
    db: &Statements<'_>,
    sql: impl Into<Sql<'sql>>,
    params: impl Params,
    limit: usize,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare(sql, DOING)?;
    let mut rows = statement.query(params).map_err(|e| fault::of(DOING, e))?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next().map_err(|e| fault::of(DOING, e))?
    {
        match read(row) {
            Ok(value) => found.push(value),
            // Reading a column touches no file: what is wrong here is wrong with this row.
            Err(StoreError::Rejected(_) | StoreError::Corrupt(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Reads a task id of a column.
pub(crate) fn id_at(row: &Row<'_>, column: usize) -> Result<TaskId, StoreError> {
    let text: String = row.get(column).map_err(|e| fault::of(DOING, e))?;
    Ok(TaskId::parse(&text).map_err(andon_core::rejected::Rejected::from)?)
}

/// Reads a status of a column.
pub(crate) fn status_at(row: &Row<'_>, column: usize) -> Result<Status, StoreError> {
    let word: String = row.get(column).map_err(|e| fault::of(DOING, e))?;
    Status::from_word(&word).ok_or_else(|| {
        StoreError::Corrupt(andon_store::CorruptWhat::Row {
            table: "tasks",
            row: row.get_ref(0).map(quote::value).unwrap_or_default(),
            column: "status",
            why: format!("{} is not a known value", quote::text(&word)),
        })
    })
}

pub(crate) fn task(db: &Statements<'_>, id: &TaskId) -> Result<Option<Task>, StoreError> {
    let sql = TASK_SQL.get_or_init(|| {
        format!("SELECT {} FROM {} WHERE t.id = ?1", row::TASK_COLUMNS, row::TASK_FROM)
    });
    one(db, sql.as_str(), [id.as_str()], row::task)
}

pub(crate) fn run(db: &Statements<'_>, id: RunId) -> Result<Option<Run>, StoreError> {
    let sql = RUN_SQL.get_or_init(|| {
        format!("SELECT {} FROM {} WHERE r.id = ?1", row::RUN_COLUMNS, row::RUN_FROM)
    });
    one(db, sql.as_str(), [id.0], row::run)
}

/// The two statements of nearly every command, put together once per process.
static TASK_SQL: OnceLock<String> = OnceLock::new();
static RUN_SQL: OnceLock<String> = OnceLock::new();

fn last_completed(db: &Statements<'_>, task: &TaskId) -> Result<Option<RunId>, StoreError> {
    let sql = "SELECT id FROM task_runs WHERE task_id = ?1 AND outcome = 'completed' \
               ORDER BY COALESCE(ended_at, started_at, 0) DESC, id DESC LIMIT 1";
    one(db, sql, [task.as_str()], |row| row.get(0).map(RunId).map_err(|e| fault::of(DOING, e)))
}

fn lingering(db: &Statements<'_>, task: &TaskId) -> Result<Option<RunId>, StoreError> {
    let sql = "SELECT run_id FROM andon_runs WHERE task_id = ?1 AND gone_at IS NULL LIMIT 1";
    one(db, sql, [task.as_str()], |row| row.get(0).map(RunId).map_err(|e| fault::of(DOING, e)))
}

/// The first parents that hold a task back, and how many do. Their order needs a walk over all of
/// them in any case.
pub(crate) fn open_parents(db: &Statements<'_>, task: &TaskId) -> Result<OpenParents, StoreError> {
    // Most tasks have no parents, and setting up a sorter costs more than this look.
    let any = "SELECT 1 FROM task_links WHERE child_id = ?1 LIMIT 1";
    if one(db, any, [task.as_str()], |_| Ok(()))?.is_none() {
        return Ok(OpenParents::default());
    }
    let sql = "SELECT l.parent_id, count(*) OVER () FROM task_links l JOIN tasks p ON p.id = l.parent_id \
               WHERE l.child_id = ?1 AND p.status NOT IN ('done', 'archived') \
               ORDER BY l.parent_id LIMIT ?2";
    let limit = i64::try_from(OPEN_PARENTS_NAMED).expect("a small constant");
    let mut open = OpenParents::default();
    all(db, sql, (task.as_str(), limit), |row| {
        // A parent whose id cannot be named holds its child back like any other.
        open.named.extend(id_at(row, 0).ok());
        let count: u32 = row.get(1).map_err(|e| fault::of(DOING, e))?;
        open.count = count as usize;
        Ok(())
    })?;
    Ok(open)
}

/// The children, each with the question whether another parent holds it back. Tasks are worked off
/// from the oldest on, so that one is looked for among the newest links first: a task that joins
/// thousands costs each of them one look, where the other way each would pass all that are done.
fn children(db: &Statements<'_>, task: &TaskId) -> Result<Vec<Child>, StoreError> {
    let sql = "SELECT c.id, c.status, c.status = 'todo' AND ( \
                   SELECT 1 FROM task_links l JOIN tasks p ON p.id = l.parent_id \
                   WHERE l.child_id = c.id AND l.parent_id <> ?1 \
                     AND p.status NOT IN ('done', 'archived') \
                   ORDER BY l.rowid DESC LIMIT 1) IS NOT NULL \
               FROM task_links k JOIN tasks c ON c.id = k.child_id \
               WHERE k.parent_id = ?1 ORDER BY k.child_id";
    readable(db, sql, [task.as_str()], |row| {
        let open: bool = row.get(2).map_err(|e| fault::of(DOING, e))?;
        let others = if open { OtherParents::SomeOpen } else { OtherParents::AllClosed };
        Ok(Child { id: id_at(row, 0)?, status: status_at(row, 1)?, others })
    })
}

fn known(
    db: &Statements<'_>,
    id: &TaskId,
    subject: Option<&TaskId>,
) -> Result<Option<Known>, StoreError> {
    let sql = "SELECT status, created_by, EXISTS ( \
                   SELECT 1 FROM task_links WHERE parent_id = ?2 AND child_id = ?1) \
               FROM tasks WHERE id = ?1";
    let subject = subject.map_or("", TaskId::as_str);
    one(db, sql, (id.as_str(), subject), |row| {
        Ok(Known {
            id: id.clone(),
            status: row.get::<_, String>(0).ok().and_then(|word| Status::from_word(&word)),
            created_by: row.get(1).unwrap_or_default(),
            child_of_subject: row.get(2).map_err(|e| fault::of(DOING, e))?,
        })
    })
}

fn same_key(db: &Statements<'_>, key: &str) -> Result<Option<(TaskId, Status)>, StoreError> {
    let sql = "SELECT id, status FROM tasks \
               WHERE idempotency_key = ?1 AND status <> 'archived' \
               ORDER BY created_at DESC, id DESC LIMIT 1";
    one(db, sql, [key], |row| Ok((id_at(row, 0)?, status_at(row, 1)?)))
}

/// The pause in force, in three keys of `andon_board`: it is one whatever the first one says.
pub(crate) fn pause(db: &Statements<'_>) -> Result<Option<Pause>, StoreError> {
    let sql = "SELECT value, (SELECT value FROM andon_board WHERE key = 'pause_reason'), \
                      (SELECT value FROM andon_board WHERE key = 'pause_at') \
               FROM andon_board WHERE key = 'pause_by'";
    let mut statement = db.prepare(sql, DOING)?;
    let pause = statement.query_row([], |row| {
        let text = |column| row.get::<_, String>(column).ok();
        let by = text(0).map_or_else(|| row.get_ref(0).map(quote::value), Ok)?;
        let at = text(2).and_then(|at| at.parse().ok()).unwrap_or(0);
        Ok(Pause { by, reason: text(1), at: Timestamp(at) })
    });
    pause.optional().map_err(|e| fault::of(DOING, e))
}

#[cfg(test)]
mod tests;
