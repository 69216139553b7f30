//! Rebuilds tables whose id column is not a row number, keeping every id that can be kept: run ids
//! stand in tasks and events, event ids in subscriptions. Rows that fit nowhere are salvaged, so
//! that one bad row does not keep a board from ever being opened.

use super::columns::{self, Column, Table, quoted};
use crate::schema;
use rusqlite::Connection;

/// Ids above this are given anew. It leaves room for as many rows again below the largest integer.
const KEPT_ID_MAX: i64 = 1 << 62;

/// The drifted rows, apart from the table that they came from.
const STAGE: &str = "temp.andon_stage";

/// Tables that are numbered by themselves, each with the columns that hold its ids. Runs come
/// first: events name them.
const NUMBERED: [(&str, &[(&str, &str)]); 3] = [
    ("task_runs", &[("tasks", "current_run_id"), ("task_events", "run_id")]),
    ("task_events", &[("kanban_notify_subs", "last_event_id")]),
    ("task_comments", &[]),
];

const SUBSCRIPTIONS: &str = "kanban_notify_subs";
const CURSOR: &str = "last_event_id";

/// Whether the column is one that a rebuild fills with new numbers when it is absent.
pub(super) fn renumbers(table: &Table, column: &Column) -> bool {
    column.name == "id" && NUMBERED.iter().any(|(name, _)| *name == table.name)
}

/// Rebuilds what has drifted.
pub(super) fn drifted(connection: &Connection, canonical: &[Table]) -> rusqlite::Result<()> {
    let wanted = |name: &str| canonical.iter().find(|table| table.name == name);
    for (name, references) in NUMBERED {
        let found = columns::read(connection, name)?;
        if let Some(wanted) = wanted(name)
            && !is_row_number(&found)
        {
            renumber(connection, wanted, &found)?;
            follow(connection, references)?;
            if name == "task_runs" {
                forget_lost_runs(connection)?;
            }
            connection.execute_batch("DROP TABLE temp.andon_ids; DROP TABLE temp.andon_moved;")?;
        }
    }
    let found = columns::read(connection, SUBSCRIPTIONS)?;
    let has_drifted = found.column(CURSOR).is_some_and(|cursor| cursor.declared != "INTEGER");
    match wanted(SUBSCRIPTIONS) {
        Some(wanted) if has_drifted => resubscribe(connection, wanted, &found),
        Some(_) | None => Ok(()),
    }
}

fn is_row_number(found: &Table) -> bool {
    let keys = found.columns.iter().filter(|column| column.is_key).count();
    keys == 1 && found.column("id").is_some_and(|id| id.is_key && id.declared == "INTEGER")
}

fn renumber(connection: &Connection, wanted: &Table, found: &Table) -> rusqlite::Result<()> {
    stage(connection, wanted, found)?;
    let id = if found.column("id").is_some() { "id" } else { "NULL" };
    let is_kept = format!("CAST({id} AS INTEGER) = {id} AND {id} + 0 BETWEEN 1 AND {KEPT_ID_MAX}");
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE andon_ids (staged INTEGER PRIMARY KEY, old, new INTEGER, kept INTEGER);
         INSERT INTO temp.andon_ids
             SELECT MIN(rowid), {id}, CAST({id} AS INTEGER), 1 FROM {STAGE}
             WHERE {is_kept} GROUP BY CAST({id} AS INTEGER);
         INSERT INTO temp.andon_ids
             SELECT rowid, {id}, (SELECT COALESCE(MAX(new), 0) FROM temp.andon_ids)
                 + ROW_NUMBER() OVER (ORDER BY rowid), 0
             FROM {STAGE} WHERE rowid NOT IN (SELECT staged FROM temp.andon_ids);
         CREATE TEMP TABLE andon_moved (old PRIMARY KEY, new INTEGER);
         INSERT INTO temp.andon_moved
             SELECT old, MIN(new) FROM temp.andon_ids WHERE old IS NOT NULL
             GROUP BY old HAVING MAX(kept) = 0
                 AND NOT (CAST(old AS INTEGER) = old AND old + 0 BETWEEN 1 AND {KEPT_ID_MAX});"
    ))?;
    copy(connection, wanted, found, |column| {
        (column.name == "id")
            .then(|| format!("(SELECT new FROM temp.andon_ids WHERE staged = {STAGE}.rowid)"))
    })
}

/// Makes the columns that hold ids of the rebuilt table name the new ones.
fn follow(connection: &Connection, references: &[(&str, &str)]) -> rusqlite::Result<()> {
    for (table, column) in references {
        // The plus keeps the column's type from being applied to the old ids: they are no numbers.
        connection.execute_batch(&format!(
            "UPDATE {table} SET {column} =
                 (SELECT new FROM temp.andon_moved WHERE old = +{table}.{column})
             WHERE EXISTS (SELECT 1 FROM temp.andon_moved WHERE old = +{table}.{column})"
        ))?;
    }
    Ok(())
}

/// A pointer to a run that was salvaged points nowhere; the next step gives the task a new run.
pub(super) fn forget_lost_runs(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "UPDATE tasks SET current_run_id = NULL
         WHERE current_run_id IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM task_runs WHERE task_runs.id = tasks.current_run_id)",
    )
}

fn resubscribe(connection: &Connection, wanted: &Table, found: &Table) -> rusqlite::Result<()> {
    stage(connection, wanted, found)?;
    let cursor = format!("COALESCE(CAST({CURSOR} AS INTEGER), 0)");
    // Of two subscriptions with one key the one that has seen less stays: telling twice is better
    // than not at all.
    let duplicate = format!(
        "rowid IN (SELECT r FROM (
             SELECT rowid AS r, ROW_NUMBER() OVER (
                 PARTITION BY task_id, platform, chat_id, COALESCE(thread_id, '')
                 ORDER BY {cursor}, rowid) AS n
             FROM {STAGE}) WHERE n > 1)"
    );
    salvage(connection, found, &duplicate)?;
    copy(connection, wanted, found, |column| (column.name == CURSOR).then(|| cursor.clone()))
}

/// Moves the rows out of the way, and makes the table anew. Rows without a value that every row
/// must have are salvaged here.
fn stage(connection: &Connection, wanted: &Table, found: &Table) -> rusqlite::Result<()> {
    let name = &wanted.name;
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE andon_stage AS SELECT * FROM main.{name}; DROP TABLE main.{name};"
    ))?;
    connection.execute_batch(schema::PEER_TABLES)?;
    let required = wanted.columns.iter().filter(|column| {
        column.is_required && column.default.is_none() && found.column(&column.name).is_some()
    });
    let lacking: Vec<String> =
        required.map(|column| format!("{} IS NULL", quoted(&column.name))).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    salvage(connection, found, &lacking.join(" OR "))
}

/// Puts staged rows into the salvage table, as JSON; bytes are written in hexadecimal.
fn salvage(connection: &Connection, found: &Table, condition: &str) -> rusqlite::Result<()> {
    let fields: Vec<String> = found
        .columns
        .iter()
        .map(|column| {
            let (name, key) = (quoted(&column.name), column.name.replace('\'', "''"));
            format!("'{key}', CASE typeof({name}) WHEN 'blob' THEN hex({name}) ELSE {name} END")
        })
        .collect();
    connection.execute_batch(&format!(
        "INSERT INTO andon_salvage (tbl, row)
             SELECT '{}', json_object({}) FROM {STAGE} WHERE {condition};
         DELETE FROM {STAGE} WHERE {condition};",
        found.name,
        fields.join(", ")
    ))
}

/// Copies the staged rows into the new table. Columns that only the old table had come along.
fn copy(
    connection: &Connection,
    wanted: &Table,
    found: &Table,
    special: impl Fn(&Column) -> Option<String>,
) -> rusqlite::Result<()> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for column in &wanted.columns {
        let name = quoted(&column.name);
        let value = match (special(column), &column.default) {
            (Some(value), _) => value,
            (None, Some(default)) if column.is_required => format!("COALESCE({name}, {default})"),
            (None, _) => name.clone(),
        };
        names.push(name);
        values.push(value);
    }
    for column in found.columns.iter().filter(|column| wanted.column(&column.name).is_none()) {
        let plain = Column { is_required: false, default: None, is_key: false, ..column.clone() };
        columns::add(connection, &wanted.name, &plain)?;
        names.push(quoted(&column.name));
        values.push(quoted(&column.name));
    }
    connection.execute_batch(&format!(
        "INSERT INTO main.{} ({}) SELECT {} FROM {STAGE} ORDER BY 1, rowid; DROP TABLE {STAGE};",
        wanted.name,
        names.join(", "),
        values.join(", ")
    ))
}
