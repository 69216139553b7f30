//! Puts the rows that were read into a new database.

use super::catalog::{Catalog, Entry};
use super::page::{Kind, Page};
use super::record::Stored;
use super::shape::Shape;
use super::strays::Unknown;
use super::tree::{Reader, Row, Unread};
use super::{Failed, Rows, tables_of};
use crate::migrate::columns::{self, quoted};
use crate::schema;
use rusqlite::{Connection, ErrorCode, params_from_iter};

/// Whose board is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// One of ours, with all its tables.
    Andon,
    /// The peer's, as it was.
    Peer,
}

/// The new database while it is filled.
pub(super) struct Filler<'d> {
    db: &'d Connection,
    /// The forms of all tables' rows.
    shapes: Vec<Shape>,
    pub(super) rows: Vec<Rows>,
    /// Rows that fit nowhere, or are not whole.
    pub(super) set_aside: u64,
    /// What becomes known to be lost when rows are put where they belong.
    pub(super) unread: Vec<Unread>,
}

/// Names that SQLite keeps for itself.
const OF_SQLITE: &str = "sqlite_";
/// The table with the last number that was given in each table.
pub(super) const SEQUENCE: &str = "sqlite_sequence";

impl<'d> Filler<'d> {
    pub(super) fn new(db: &'d Connection) -> Self {
        Self { db, shapes: Vec::new(), rows: Vec::new(), set_aside: 0, unread: Vec::new() }
    }

    /// Makes the tables: those that the old database names, and those that a board has.
    pub(super) fn make_tables(&mut self, catalog: &Catalog, owner: Owner) -> Result<(), Failed> {
        for entry in catalog.tables().filter(|entry| is_of_somebody(entry)) {
            // What cannot be made as it was is made as it should be, or its rows are set aside.
            let sql = entry.sql.as_deref().filter(|sql| is_definition(sql, "TABLE"));
            let made = sql.map(|sql| self.db.execute(sql, []));
            if made.is_some_and(|made| made.is_ok()) && lacks_columns(self.db, entry, owner)? {
                self.db.execute_batch(&format!("DROP TABLE {}", quoted(&entry.name)))?;
            }
        }
        self.db.execute_batch(schema::PEER_TABLES)?;
        self.db.execute_batch(schema::ANDON_SALVAGE)?;
        match owner {
            Owner::Andon => self.db.execute_batch(schema::ANDON)?,
            Owner::Peer => {}
        }
        for name in tables_of(self.db)? {
            self.shapes.push(Shape::of(self.db, &name)?);
        }
        Ok(())
    }

    /// Brings the rows of a table over, all that can be reached.
    pub(super) fn table(
        &mut self,
        reader: &mut Reader<'_>,
        shape: &Shape,
        root: u32,
    ) -> Result<(), Failed> {
        reader.table(shape, root, &mut |row| self.take(Some(shape), row))
    }

    /// Brings over what nothing leads to any more.
    pub(super) fn strays(
        &mut self,
        reader: &mut Reader<'_>,
        shapes: &[Shape],
        unknown: Unknown,
    ) -> Result<(), Failed> {
        reader.strays(shapes, unknown, &mut |shape, row| self.take(shape, row))
    }

    /// Sets the rows aside of a table that could not be made.
    pub(super) fn without_table(
        &mut self,
        reader: &mut Reader<'_>,
        entry: &Entry,
    ) -> Result<(), Failed> {
        let root = reader.pages.newest(entry.root)?;
        let root = root.and_then(|bytes| Page::parse(bytes, entry.root, reader.pages.usable));
        let is_numbered =
            root.is_none_or(|page| matches!(page.kind, Kind::TableLeaf | Kind::TableInterior));
        let shape = Shape::any(&entry.name, is_numbered);
        reader.table(&shape, entry.root, &mut |row| self.set_aside(&entry.name, None, &row))
    }

    fn take(&mut self, shape: Option<&Shape>, row: Row) -> Result<(), Failed> {
        let columns = row.values.len() + row.lacking.map_or(0, |(lacking, _)| lacking);
        // A tree that was damaged may have led a writer to a page of another table.
        let elsewhere = match shape {
            Some(shape) if shape.may_have(columns) => None,
            Some(_) => self.shapes.iter().find(|it| it.is_like(&row)).cloned(),
            None => None,
        };
        let shape = elsewhere.as_ref().or(shape.filter(|shape| shape.may_have(columns)));
        let Some(shape) = shape else { return self.set_aside("unknown", None, &row) };
        if row.lacking.is_some() {
            return self.set_aside(&shape.table, Some(shape), &row);
        }
        match self.insert(shape, &row) {
            Ok(()) => {
                self.count(&shape.table);
                Ok(())
            }
            Err(error) if is_constraint(&error) => {
                if !self.has(shape, &row)? {
                    self.set_aside(&shape.table, Some(shape), &row)?;
                    let why =
                        format!("a row is kept in andon_salvage, because it does not fit: {error}");
                    let rows = row.rowid.map(|rowid| (rowid.saturating_sub(1), rowid));
                    let table = Some(shape.table.clone());
                    self.unread.push(Unread { table, page: row.page, rows, why });
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn count(&mut self, table: &str) {
        match self.rows.iter_mut().find(|rows| rows.table == table) {
            Some(rows) => rows.rows += 1,
            None => self.rows.push(Rows { table: table.to_owned(), rows: 1 }),
        }
    }

    fn insert(&self, shape: &Shape, row: &Row) -> rusqlite::Result<()> {
        let (names, values) = named(shape, row);
        let places = vec!["?"; names.len()].join(", ");
        let table = quoted(&shape.table);
        let sql = format!("INSERT INTO main.{table} ({}) VALUES ({places})", names.join(", "));
        let mut statement = self.db.prepare_cached(&sql)?;
        statement.execute(params_from_iter(values)).map(drop)
    }

    /// Whether this very row is there already.
    fn has(&self, shape: &Shape, row: &Row) -> rusqlite::Result<bool> {
        let (names, values) = named(shape, row);
        let same: Vec<String> = names.iter().map(|name| format!("{name} IS ?")).collect();
        let sql =
            format!("SELECT 1 FROM main.{} WHERE {}", quoted(&shape.table), same.join(" AND "));
        self.db.prepare_cached(&sql)?.exists(params_from_iter(values))
    }

    /// Keeps a row that has no place, as a migration keeps such rows.
    fn set_aside(&mut self, table: &str, shape: Option<&Shape>, row: &Row) -> Result<(), Failed> {
        let name = |nth: usize| match shape.and_then(|shape| shape.columns.get(nth)) {
            Some(column) => column.name.clone(),
            None => format!("column {}", nth + 1),
        };
        let fields: Vec<String> = (0..row.values.len())
            .map(|nth| {
                let (key, at) = (name(nth).replace('\'', "''"), nth + 3);
                format!("'{key}', CASE typeof(?{at}) WHEN 'blob' THEN hex(?{at}) ELSE ?{at} END")
            })
            .collect();
        let sql = format!(
            "INSERT INTO main.andon_salvage (tbl, row) VALUES (?1, json_object('rowid', ?2{}{}))",
            if fields.is_empty() { "" } else { ", " },
            fields.join(", ")
        );
        let first = [
            Stored::Text(table.as_bytes().to_vec()),
            row.rowid.map_or(Stored::Null, Stored::Integer),
        ];
        let values = first.iter().chain(&row.values);
        self.db.prepare_cached(&sql)?.execute(params_from_iter(values))?;
        self.set_aside += 1;
        Ok(())
    }

    /// Makes the indexes that the old database had and the new one does not have yet.
    pub(super) fn make_indexes(&self, catalog: &Catalog) {
        for index in catalog.indexes() {
            let sql = index.sql.as_deref().filter(|sql| is_definition(sql, "INDEX"));
            // One that is there already, or whose text is damaged, is no loss: it holds no rows.
            let _made = sql.map(|sql| self.db.execute(sql, []));
        }
    }
}

/// Names and values of a row's columns, with the number that a row has without a column for it.
fn named<'r>(shape: &Shape, row: &'r Row) -> (Vec<String>, Vec<std::borrow::Cow<'r, Stored>>) {
    use std::borrow::Cow;
    let (mut names, mut values) = (Vec::new(), Vec::new());
    if let (Some(rowid), None) = (row.rowid, shape.number) {
        names.push("rowid".to_owned());
        values.push(Cow::Owned(Stored::Integer(rowid)));
    }
    for (nth, (value, column)) in row.values.iter().zip(&shape.columns).enumerate() {
        names.push(quoted(&column.name));
        let is_number = shape.number == Some(nth);
        values.push(match row.rowid.filter(|_| is_number) {
            Some(rowid) => Cow::Owned(Stored::Integer(rowid)),
            None => Cow::Borrowed(value),
        });
    }
    (names, values)
}

/// A table with rows that are not SQLite's own.
pub(super) fn is_of_somebody(entry: &Entry) -> bool {
    !entry.name.starts_with(OF_SQLITE)
}

fn is_definition(sql: &str, what: &str) -> bool {
    let mut words = sql.split_ascii_whitespace().map(str::to_ascii_uppercase);
    let first = words.next();
    let is_create = first.is_some_and(|word| word == "CREATE");
    is_create && words.next().is_some_and(|word| word == what || word == "UNIQUE")
}

/// Whether a table of a board of ours has not the columns that it must have, although it has as
/// many: its definition is damaged, and its rows are as they should be.
fn lacks_columns(db: &Connection, entry: &Entry, owner: Owner) -> Result<bool, Failed> {
    if owner == Owner::Peer {
        return Ok(false);
    }
    let tables = columns::of_ours()?;
    let Some(wanted) = tables.iter().find(|table| table.name == entry.name) else {
        return Ok(false);
    };
    let found = columns::read(db, &entry.name)?;
    Ok(found.columns.len() == wanted.columns.len()
        && wanted.columns.iter().any(|column| found.column(&column.name).is_none()))
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
