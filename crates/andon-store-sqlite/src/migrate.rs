//! Brings a board of the peer, of any age, to the current schema. It must not open or close a
//! transaction: the caller's one holds all of it or nothing.
//!
//! The order matters. Columns first, since indexes and copies name them; then damaged id columns,
//! whose new numbers the later steps must see; then the runs that old boards did not have.

pub(crate) mod columns;
mod rebuild;
mod runs;

use crate::{fault, schema};
use andon_core::time::Timestamp;
use andon_store::{Hint, StoreError};
use columns::{Column, Table};
use rusqlite::Connection;
use std::path::Path;

const DOING: &str = "migrate the board";

/// Event kinds that early releases of the peer wrote, and what they are called now.
const RENAMED_EVENTS: [(&str, &str); 3] =
    [("ready", "promoted"), ("priority", "reprioritized"), ("spawn_auto_blocked", "gave_up")];

/// What a file needs before it is a current board, found out without changing it.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The seven tables as they should be.
    canonical: Vec<Table>,
}

/// Looks whether the file holds a board of the peer. Refuses everything else.
pub(crate) fn plan(connection: &Connection, path: &Path) -> Result<Plan, StoreError> {
    let canonical = columns::canonical().map_err(failed)?;
    for table in &canonical {
        let found = columns::read(connection, &table.name).map_err(failed)?;
        let lacking = if found.columns.is_empty() {
            // Only the table of tasks must be there; the others came later.
            (table.name == "tasks").then(|| "it has no table tasks".to_owned())
        } else {
            table.columns.iter().filter(|wanted| !wanted.is_addable()).find_map(|wanted| {
                let is_there = found.column(&wanted.name).is_some();
                (!is_there && !rebuild::renumbers(table, wanted))
                    .then(|| format!("its table {} has no column {}", table.name, wanted.name))
            })
        };
        if let Some(why) = lacking {
            let hint = "name the board's file, usually kanban.db; if nothing was ever stored in \
                        this one, move it away and create a new board";
            return Err(StoreError::Refused {
                path: path.to_owned(),
                why: format!("the database holds no board: {why}"),
                hint: Some(Hint(hint.to_owned())),
            });
        }
    }
    Ok(Plan { canonical })
}

/// Carries it out.
pub(crate) fn carry_out(
    plan: &Plan,
    connection: &Connection,
    now: Timestamp,
) -> Result<(), StoreError> {
    if andon_faults::planted("adopt.mark-first") {
        schema::mark(connection)?;
        connection.execute_batch("COMMIT; BEGIN IMMEDIATE").map_err(failed)?;
    }
    steps(plan, connection, now).map_err(failed)?;
    schema::mark(connection)
}

fn steps(plan: &Plan, connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    connection.execute_batch(schema::PEER_TABLES)?;
    connection.execute_batch(schema::ANDON_SALVAGE)?;
    for table in &plan.canonical {
        add_columns(connection, table)?;
    }
    rebuild::drifted(connection, &plan.canonical)?;
    connection.execute_batch(schema::PEER_INDEXES)?;
    runs::backfill(connection, now)?;
    for (old, new) in RENAMED_EVENTS {
        connection.execute("UPDATE task_events SET kind = ?2 WHERE kind = ?1", [old, new])?;
    }
    connection.execute_batch(schema::ANDON)
}

fn add_columns(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    let found = columns::read(connection, &table.name)?;
    let absent = table.columns.iter().filter(|wanted| found.column(&wanted.name).is_none());
    for wanted in absent.filter(|wanted| wanted.is_addable()) {
        columns::add(connection, &table.name, wanted)?;
        inherit(connection, &found, wanted)?;
    }
    Ok(())
}

/// Gives each running task whose run is gone a new one, as an adopted board's tasks get theirs.
pub(crate) fn give_runs(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    rebuild::forget_lost_runs(connection)
        .and_then(|()| runs::backfill(connection, now))
        .map_err(failed)
}

/// The first column of a board of ours that the file lacks.
pub(crate) fn lacking(connection: &Connection) -> Result<Option<String>, StoreError> {
    let wanted = columns::of_ours().map_err(failed)?;
    for table in &wanted {
        let found = columns::read(connection, &table.name).map_err(failed)?;
        if let Some(column) = table.columns.iter().find(|it| found.column(&it.name).is_none()) {
            return Ok(Some(format!("its table {} has no column {}", table.name, column.name)));
        }
    }
    Ok(None)
}

/// Two columns took over from others that old boards keep.
fn inherit(connection: &Connection, found: &Table, added: &Column) -> rusqlite::Result<()> {
    let (old, update) = match (found.name.as_str(), added.name.as_str()) {
        ("tasks", "consecutive_failures") => (
            "spawn_failures",
            "UPDATE tasks SET consecutive_failures = COALESCE(spawn_failures, 0)",
        ),
        ("tasks", "last_failure_error") => {
            ("last_spawn_error", "UPDATE tasks SET last_failure_error = last_spawn_error")
        }
        _ => return Ok(()),
    };
    if found.column(old).is_some() {
        connection.execute(update, [])?;
    }
    Ok(())
}

fn failed(error: rusqlite::Error) -> StoreError {
    fault::of(DOING, error)
}
