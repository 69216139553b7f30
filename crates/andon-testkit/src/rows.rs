//! Every row of a database as text, and on which page each of them lies: told by SQLite itself, so
//! that whoever reads pages in another way can be compared with it.

use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};

/// A row, by its table and its number or key.
pub type Key = (String, String);

/// Rows with their content, column by column with the byte 31 between them.
pub type Rows = BTreeMap<Key, String>;

/// What stands on one page of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnPage {
    /// The table or index whose tree it is of.
    pub tree: String,
    /// `leaf`, `internal` or `overflow`.
    pub kind: String,
    /// Rows of tables that lie on it, or go on there.
    pub rows: BTreeSet<Key>,
}

/// A table with rows of somebody.
struct Table {
    name: String,
    /// What tells its rows apart.
    key: String,
    is_numbered: bool,
}

/// Every row of every table.
pub fn rows(db: &Connection) -> rusqlite::Result<Rows> {
    let mut rows = Rows::new();
    for table in tables(db)? {
        let sql = format!("SELECT name FROM pragma_table_info('{}') ORDER BY cid", table.name);
        let columns: Vec<String> = column(db, &sql)?;
        let quoted: Vec<String> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
        let (key, name) = (&table.key, &table.name);
        let sql =
            format!("SELECT {key}, {} FROM \"{name}\" NOT INDEXED", quoted.join("||char(31)||"));
        let mut statement = db.prepare(&sql)?;
        let text = |row: &Row<'_>, at| -> rusqlite::Result<String> {
            Ok(String::from_utf8_lossy(row.get_ref(at)?.as_bytes_or_null()?.unwrap_or(b"NULL"))
                .into_owned())
        };
        let found = statement.query_map([], |row| Ok((text(row, 0)?, text(row, 1)?)))?;
        for row in found {
            let (key, content) = row?;
            rows.insert((table.name.clone(), key), content);
        }
    }
    Ok(rows)
}

/// What stands on each page that is in use.
pub fn pages(db: &Connection) -> rusqlite::Result<BTreeMap<u32, OnPage>> {
    let mut statement = db.prepare("SELECT name, path, pageno, pagetype, ncell FROM dbstat")?;
    let found = statement.query_map([], |row| {
        let place: (String, String) = (row.get(0)?, row.get(1)?);
        Ok((place, Found { page: row.get(2)?, kind: row.get(3)?, cells: row.get(4)? }))
    })?;
    let found: BTreeMap<(String, String), Found> = found.collect::<Result<_, _>>()?;
    let mut pages: BTreeMap<u32, OnPage> = BTreeMap::new();
    for ((tree, _), page) in &found {
        let (tree, kind) = (tree.clone(), page.kind.clone());
        pages.insert(page.page, OnPage { tree, kind, rows: BTreeSet::new() });
    }
    for table in tables(db)? {
        let order = if table.is_numbered { "rowid" } else { table.key.as_str() };
        let sql = format!("SELECT {} FROM \"{}\" ORDER BY {order}", table.key, table.name);
        let mut keys = column(db, &sql)?.into_iter();
        let mut walk = Walk { table: &table, found: &found, pages: &mut pages, keys: &mut keys };
        walk.page("/");
        assert!(walk.keys.next().is_none(), "rows of {} are on no page", table.name);
    }
    Ok(pages)
}

struct Found {
    page: u32,
    kind: String,
    cells: u32,
}

/// Hands the rows of a table out to its pages, in order.
struct Walk<'w> {
    table: &'w Table,
    found: &'w BTreeMap<(String, String), Found>,
    pages: &'w mut BTreeMap<u32, OnPage>,
    keys: &'w mut dyn Iterator<Item = String>,
}

impl Walk<'_> {
    fn page(&mut self, path: &str) {
        let name = &self.table.name;
        let Some(page) = self.found.get(&(name.clone(), path.to_owned())) else { return };
        let is_leaf = page.kind == "leaf";
        for cell in 0..page.cells {
            if !is_leaf {
                self.page(&format!("{path}{cell:03x}/"));
            }
            if is_leaf || !self.table.is_numbered {
                self.cell(page.page, &format!("{path}{cell:03x}+"));
            }
        }
        if !is_leaf {
            self.page(&format!("{path}{:03x}/", page.cells));
        }
    }

    fn cell(&mut self, page: u32, rest: &str) {
        let key = (self.table.name.clone(), self.keys.next().expect("each cell holds a row"));
        let first = (self.table.name.clone(), rest.to_owned());
        let overflow =
            self.found.range(first..).take_while(|((_, path), _)| path.starts_with(rest));
        let places = overflow.map(|(_, found)| found.page).chain([page]);
        for place in places.collect::<Vec<_>>() {
            let on = self.pages.get_mut(&place).expect("it was listed");
            on.rows.insert(key.clone());
        }
    }
}

fn tables(db: &Connection) -> rusqlite::Result<Vec<Table>> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let table = |name: String| {
        let sql = format!("SELECT NOT wr FROM pragma_table_list('{name}') WHERE schema = 'main'");
        let is_numbered = db.query_row(&sql, [], |row| row.get(0))?;
        let sql = format!("SELECT name FROM pragma_table_info('{name}') WHERE pk > 0 ORDER BY pk");
        let keys: Vec<String> = column(db, &sql)?;
        let key = if is_numbered {
            "CAST(rowid AS TEXT)".to_owned()
        } else {
            keys.iter().map(|key| format!("quote(\"{key}\")")).collect::<Vec<_>>().join("||")
        };
        Ok(Table { name, key, is_numbered })
    };
    column(db, names)?.into_iter().map(table).collect()
}

fn column(db: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    db.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}
