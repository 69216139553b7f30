//! What is left to do when all rows are where they belong: which of them are missing, and which
//! numbers must not be given again.

use super::Failed;
use super::catalog::{Catalog, Entry};
use super::record::Stored;
use super::shape::Shape;
use super::tree::Reader;
use crate::migrate::columns::quoted;
use rusqlite::Connection;

/// Rows of a table that an index knows of, and that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The table.
    pub table: String,
    /// The index that tells.
    pub index: String,
    /// How many.
    pub rows: u64,
    /// The first of them: the beginning of what the index has of each.
    pub named: Vec<String>,
}

/// Rows that are named; the others are only counted.
const NAMED_MAX: usize = 10;

/// Numbers above this are damage, not numbers that were given.
const GIVEN_MAX: i64 = 1 << 62;

/// Columns that hold numbers given in a table: none of those may be given again. A run's number is
/// what tells a late worker from the present one.
const NUMBERS: [(&str, &str, &str); 6] = [
    ("task_runs", "tasks", "current_run_id"),
    ("task_runs", "task_events", "run_id"),
    ("task_runs", "andon_runs", "run_id"),
    ("task_events", "kanban_notify_subs", "last_event_id"),
    ("task_events", "andon_tasks", "due_event"),
    ("task_events", "andon_ops", "event_id"),
];

/// Compares tables of which something could not be read with an index that can be.
pub(super) fn missing(
    catalog: &Catalog,
    reader: &Reader<'_>,
    db: &Connection,
) -> Result<Vec<Missing>, Failed> {
    let mut found = Vec::new();
    for table in catalog.tables() {
        let is_lossy = reader.unread.iter().any(|it| it.table.as_ref() == Some(&table.name));
        let is_numbered = Shape::of(db, &table.name).is_ok_and(|shape| shape.is_numbered);
        if !is_lossy || !is_numbered {
            continue;
        }
        for index in catalog.indexes().filter(|index| index.table == table.name) {
            let is_partial = index
                .sql
                .as_deref()
                .is_some_and(|sql| sql.to_ascii_uppercase().contains(" WHERE "));
            if is_partial {
                continue;
            }
            if let Some(missing) = by_index(reader, table, index, db)? {
                found.push(missing);
                break;
            }
        }
    }
    Ok(found)
}

/// What one index tells, if all of it can be read.
fn by_index(
    reader: &Reader<'_>,
    table: &Entry,
    index: &Entry,
    db: &Connection,
) -> Result<Option<Missing>, Failed> {
    let sql = format!("SELECT 1 FROM main.{} WHERE rowid = ?1", quoted(&table.name));
    let mut is_there = db.prepare(&sql)?;
    let (mut rows, mut named) = (0, Vec::new());
    // A reader of its own: what is wrong with an index is no loss.
    let mut apart = Reader::new(reader.pages);
    let shape = Shape::any(&index.name, false);
    apart.table(&shape, index.root, &mut |row| {
        let Some((Stored::Integer(rowid), key)) = row.values.split_last() else { return Ok(()) };
        if !is_there.exists([rowid])? {
            rows += 1;
            if named.len() < NAMED_MAX {
                named.push(named_by(key, *rowid));
            }
        }
        Ok(())
    })?;
    let (table, index) = (table.name.clone(), index.name.clone());
    Ok(apart.unread.is_empty().then_some(Missing { table, index, rows, named }))
}

fn named_by(key: &[Stored], rowid: i64) -> String {
    let texts = key.iter().filter_map(|value| match value {
        Stored::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        Stored::Integer(number) => Some(number.to_string()),
        Stored::Null | Stored::Real(_) | Stored::Blob(_) => None,
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { rowid.to_string() } else { format!("{rowid} ({})", texts.join(", ")) }
}

/// Takes over the last number that was given in each table.
pub(super) fn last_numbers(
    reader: &mut Reader<'_>,
    sequence: &Entry,
    db: &Connection,
) -> Result<(), Failed> {
    let shape = Shape::of(db, &sequence.name)?;
    // Numbers that cannot be read are found from the rows that hold them.
    let lost = reader.unread.len();
    reader.table(&shape, sequence.root, &mut |row| {
        if let [Stored::Text(table), Stored::Integer(last)] = row.values.as_slice() {
            raise(db, &String::from_utf8_lossy(table), *last)?;
        }
        Ok(())
    })?;
    reader.unread.truncate(lost);
    Ok(())
}

/// Sees to it that no number is given again that any row knows of.
pub(super) fn sequences(db: &Connection) -> Result<(), Failed> {
    for (table, holder, column) in NUMBERS {
        let sql = format!(
            "SELECT MAX({column}) FROM {holder} \
             WHERE typeof({column}) = 'integer' AND {column} BETWEEN 1 AND {GIVEN_MAX}"
        );
        // A board of the peer has not all of these.
        let found = db.query_row(&sql, [], |row| row.get::<_, Option<i64>>(0));
        if let Ok(Some(last)) = found {
            raise(db, table, last)?;
        }
    }
    Ok(())
}

fn raise(db: &Connection, table: &str, last: i64) -> rusqlite::Result<()> {
    if !(1..=GIVEN_MAX).contains(&last) {
        return Ok(());
    }
    let update = "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1";
    if db.execute(update, rusqlite::params![table, last])? == 0 {
        // Only a table that is numbered so has an entry, and only once it had a row.
        let insert = "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 FROM sqlite_schema \
                      WHERE type = 'table' AND name = ?1 AND sql LIKE '%AUTOINCREMENT%'";
        db.execute(insert, rusqlite::params![table, last])?;
    }
    Ok(())
}
