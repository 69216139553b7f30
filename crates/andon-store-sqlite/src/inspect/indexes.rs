//! Whether each index has as many rows as its table: a row that only one of them has is found by
//! some queries and not by others.

use super::Inspection;
use andon_store::StoreError;
use rusqlite::Connection;

/// The rows of an index beside those of its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexRows {
    /// The index.
    pub index: String,
    /// Its table.
    pub table: String,
    /// Rows that are reachable by the index.
    pub by_index: u64,
    /// Rows that the table has.
    pub by_table: u64,
}

impl Inspection {
    /// Counts the rows of every index and of its table, all in one state of the board.
    pub fn indexes(&mut self) -> Result<Vec<IndexRows>, StoreError> {
        self.look(|db| {
            let snapshot = db.unchecked_transaction()?;
            let mut statement = snapshot.prepare(
                "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name",
            )?;
            let listed = statement.query_map([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?))
            })?;
            let listed: Vec<(String, String, Option<String>)> = listed.collect::<Result<_, _>>()?;
            listed
                .into_iter()
                .map(|(index, table, sql)| {
                    let part = condition(sql.as_deref().unwrap_or_default());
                    let by = format!("INDEXED BY {}", quoted(&index));
                    let by_index = count(&snapshot, &table, &by, part)?;
                    let by_table = count(&snapshot, &table, "NOT INDEXED", part)?;
                    Ok(IndexRows { index, table, by_index, by_table })
                })
                .collect()
        })
    }
}

/// The rows that a partial index covers; of any other index, all.
fn condition(sql: &str) -> &str {
    match sql.to_ascii_uppercase().rfind(" WHERE ") {
        Some(at) => &sql[at..],
        None => "",
    }
}

fn count(db: &Connection, table: &str, by: &str, part: &str) -> rusqlite::Result<u64> {
    // SQLite answers a plain count from whichever index is smallest, whatever is asked for.
    let sql = format!("SELECT COALESCE(sum(1), 0) FROM {} {by} {part}", quoted(table));
    db.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(|n| u64::try_from(n).unwrap_or(0))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
