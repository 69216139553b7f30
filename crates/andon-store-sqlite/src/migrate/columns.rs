//! The columns that tables have and should have. The one list of the latter is the schema's text:
//! it is read back from a database in memory.

use crate::schema;
use rusqlite::Connection;

/// A column as SQLite describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Declared type, in upper case.
    pub(crate) declared: String,
    pub(crate) is_required: bool,
    /// Default as an SQL expression.
    pub(crate) default: Option<String>,
    /// Part of the primary key.
    pub(crate) is_key: bool,
}

impl Column {
    /// Whether `ALTER TABLE … ADD COLUMN` can give it to rows that exist.
    pub(crate) fn is_addable(&self) -> bool {
        !self.is_key && (!self.is_required || self.default.is_some())
    }
}

/// A table; one without columns does not exist.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
}

impl Table {
    /// SQLite compares names of columns without case.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// The peer's seven tables as they should be.
pub(super) fn canonical() -> rusqlite::Result<Vec<Table>> {
    let memory = Connection::open_in_memory()?;
    memory.execute_batch(schema::PEER_TABLES)?;
    schema::PEER_TABLE_NAMES.iter().map(|name| read(&memory, name)).collect()
}

/// All tables of a board of ours as they should be.
pub(crate) fn of_ours() -> rusqlite::Result<Vec<Table>> {
    let memory = Connection::open_in_memory()?;
    for text in [schema::PEER_TABLES, schema::ANDON_SALVAGE, schema::ANDON] {
        memory.execute_batch(text)?;
    }
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let mut statement = memory.prepare(sql)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    names.map(|name| read(&memory, &name?)).collect()
}

/// A table as it is.
pub(crate) fn read(connection: &Connection, table: &str) -> rusqlite::Result<Table> {
    let mut statement = connection.prepare_cached(
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?1)",
    )?;
    let columns = statement.query_map([table], |row| {
        Ok(Column {
            name: row.get(0)?,
            declared: row.get::<_, String>(1)?.to_ascii_uppercase(),
            is_required: row.get(2)?,
            default: row.get(3)?,
            is_key: row.get::<_, i64>(4)? > 0,
        })
    })?;
    Ok(Table { name: table.to_owned(), columns: columns.collect::<Result<_, _>>()? })
}

/// Adds an addable column.
pub(super) fn add(connection: &Connection, table: &str, column: &Column) -> rusqlite::Result<()> {
    let mut text = format!("ALTER TABLE {table} ADD COLUMN {}", quoted(&column.name));
    if !column.declared.is_empty() {
        text.push_str(&format!(" {}", column.declared));
    }
    if column.is_required {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    connection.execute_batch(&text)
}

/// A name as SQL wants it, whatever is in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
