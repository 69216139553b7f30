//! Which tables and indexes a database has: its own list, as far as that can be read.

use super::Failed;
use super::record::Stored;
use super::shape::Shape;
use super::strays::Unknown;
use super::tree::{Reader, Row};
use rusqlite::Connection;

/// The table of tables, and the page on which it begins.
const TABLE: &str = "sqlite_schema";
const ROOT: u32 = 1;

/// A table or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    /// The table that it is, or is of.
    pub(super) table: String,
    pub(super) is_index: bool,
    /// The page on which its tree begins.
    pub(super) root: u32,
    /// How it was made; of an index that SQLite makes by itself, nothing.
    pub(super) sql: Option<String>,
}

/// The list, and whether all of it was read.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) entries: Vec<Entry>,
    pub(super) is_whole: bool,
}

impl Catalog {
    pub(super) fn read(reader: &mut Reader<'_>, db: &Connection) -> Result<Self, Failed> {
        let mut shape = Shape::of(db, TABLE)?;
        // Only the text may be absent: that of an index which SQLite makes by itself.
        for column in shape.columns.iter_mut().filter(|column| column.name != "sql") {
            column.is_required = true;
        }
        let mut entries = Vec::new();
        let mut take = |row: Row| {
            entries.extend(Entry::of(&row));
            Ok(())
        };
        reader.table(&shape, ROOT, &mut take)?;
        let is_whole = reader.unread.is_empty();
        if !is_whole {
            let shapes = [shape];
            reader.strays(&shapes, Unknown::Left, &mut |_, row| take(row))?;
        }
        Ok(Self { entries, is_whole })
    }

    /// The tables that hold rows of somebody.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_index)
    }

    pub(super) fn table(&self, name: &str) -> Option<&Entry> {
        self.tables().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_index)
    }

    /// Whether Andon has made tables in it, whatever its header says.
    pub(super) fn is_ours(&self) -> bool {
        self.table(super::TASKS).is_some() && self.table("andon_ops").is_some()
    }
}

impl Entry {
    pub(super) fn of(row: &Row) -> Option<Self> {
        let [Stored::Text(kind), name, table, Stored::Integer(root), sql] = row.values.as_slice()
        else {
            return None;
        };
        let text = |value: &Stored| match value {
            Stored::Text(bytes) => String::from_utf8(bytes.clone()).ok(),
            _ => None,
        };
        let is_index = match kind.as_slice() {
            b"table" => false,
            b"index" => true,
            _ => return None,
        };
        let root = u32::try_from(*root).ok().filter(|root| *root > 0)?;
        Some(Self { name: text(name)?, table: text(table)?, is_index, root, sql: text(sql) })
    }
}
