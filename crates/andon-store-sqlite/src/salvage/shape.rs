//! What the rows of a table look like: by that, rows are known whose page lies where no page of
//! their table should be.

use super::record::Stored;
use super::tree::Row;
use crate::migrate::columns::{self, Column};
use rusqlite::{Connection, OptionalExtension};

/// The form of a table's rows.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The table.
    pub(super) table: String,
    /// Its columns, in the order in which a row holds them; none where they are not known.
    pub(super) columns: Vec<Column>,
    /// Whether rows have numbers; else the table is an index of itself.
    pub(super) is_numbered: bool,
    /// The column that is the number of the row, and stored as nothing.
    pub(super) number: Option<usize>,
}

impl Shape {
    /// The form of a table that a connection has.
    pub(super) fn of(db: &Connection, table: &str) -> rusqlite::Result<Self> {
        let found = columns::read(db, table)?;
        let sql = "SELECT NOT wr FROM pragma_table_list(?1) WHERE schema = 'main'";
        // SQLite's own list of tables is not in it, and is numbered.
        let is_numbered = db.query_row(sql, [table], |row| row.get(0)).optional()?.unwrap_or(true);
        let mut columns = found.columns;
        if !is_numbered {
            // The key comes first; the peer and Andon have such tables with one column in it.
            columns.sort_by_key(|column| !column.is_key);
        }
        let keys = columns.iter().filter(|column| column.is_key).count();
        let is_number = |column: &Column| column.is_key && column.declared == "INTEGER";
        let number = columns.iter().position(is_number).filter(|_| is_numbered && keys == 1);
        Ok(Self { table: table.to_owned(), columns, is_numbered, number })
    }

    /// That of a table or an index whose rows may be of any form.
    pub(super) fn any(name: &str, is_numbered: bool) -> Self {
        Self { table: name.to_owned(), columns: Vec::new(), is_numbered, number: None }
    }

    /// Whether a row has all columns of this table, each with what may be in it.
    pub(super) fn is_like(&self, row: &Row) -> bool {
        row.values.len() == self.columns.len()
            && row.rowid.is_some() == self.is_numbered
            && self.fits(&row.values, 0)
    }

    /// Whether the columns that name tasks hold what looks like the name of one.
    pub(super) fn names_tasks(&self, values: &[Stored]) -> bool {
        let is_name = |column: &Column| {
            ["task_id", "parent_id", "child_id"].iter().any(|name| column.name == *name)
        };
        let named = self.columns.iter().zip(values).filter(|(column, _)| is_name(column));
        named.into_iter().all(|(_, value)| match value {
            Stored::Text(text) => text.starts_with(b"t_"),
            _ => false,
        })
    }

    /// Whether a row of so many columns may be one of this table.
    pub(super) fn may_have(&self, columns: usize) -> bool {
        self.columns.is_empty()
            || (columns <= self.columns.len()
                && self.columns[columns..].iter().all(Column::is_addable))
    }

    /// Whether a row may be one of this table, as far as it could be read. A row may have fewer
    /// columns than the table: those that were added later.
    pub(super) fn fits(&self, values: &[Stored], lacking: usize) -> bool {
        self.may_have(values.len() + lacking)
            && values.iter().zip(&self.columns).enumerate().all(|(nth, (value, column))| {
                if self.number == Some(nth) {
                    return *value == Stored::Null;
                }
                may_hold(column, value)
            })
    }
}

/// Whether a column may hold a value, by the types that SQLite gives to declared ones.
fn may_hold(column: &Column, value: &Stored) -> bool {
    let declared = column.declared.as_str();
    let is_text = ["CHAR", "CLOB", "TEXT"].iter().any(|kind| declared.contains(kind));
    match value {
        Stored::Null => !column.is_required && !column.is_key || column.default.is_some(),
        Stored::Integer(_) => !is_text && declared != "BLOB",
        Stored::Real(_) => !is_text && declared != "BLOB",
        Stored::Text(_) => is_text || declared.is_empty(),
        Stored::Blob(_) => declared == "BLOB" || declared.is_empty(),
    }
}
