//! Reads a broken database page by page and puts every row that can be read into a new one.
//!
//! SQLite refuses to go on where it finds a page that is not what it should be; here each page,
//! each row and each continuation is read for itself. Pages to which nothing leads any more are
//! known by their rows. It reads files that nobody has open, and must not write to them.

mod catalog;
mod ends;
mod fill;
mod foreign;
mod log;
mod page;
mod pages;
mod record;
mod shape;
mod strays;
mod tree;

pub use ends::Missing;
pub(crate) use foreign::looks_foreign;
pub(crate) use log::{Extent, HEADER as LOG_HEADER, sum as log_sum};
pub(crate) use pages::Bytes;
pub use pages::LogUse;
pub use tree::Unread;

use crate::open::refuse;
use crate::schema::{APPLICATION_ID, USER_VERSION};
use crate::{fault, migrate, schema};
use andon_core::time::Timestamp;
use andon_store::{Hint, StoreError};
use catalog::Catalog;
use fill::{Filler, Owner, SEQUENCE, is_of_somebody};
use pages::Pages;
use rusqlite::Connection;
use shape::Shape;
use std::fs::File;
use std::path::Path;
use strays::Unknown;
use tree::Reader;

const DOING: &str = "read the broken board";

/// Things that could not be read and are told one by one; a file in which nothing is right has
/// endlessly many.
const UNREAD_MAX: usize = 1_000;

/// What a board is about.
const TASKS: &str = "tasks";

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The table.
    pub table: String,
    /// How many.
    pub rows: u64,
}

/// What was read, and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvage {
    /// Rows that are on the new board, by table.
    pub tables: Vec<Rows>,
    /// Rows that are kept in `andon_salvage`: they fit nowhere, or are not whole.
    pub set_aside: u64,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// How much more could not be read.
    pub unread_more: usize,
    /// Rows that indexes know of and tables do not have, where an index could tell.
    pub missing: Vec<Missing>,
    /// What became of the log.
    pub log: LogUse,
}

/// A database and its log, as files that nobody has open.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) database: Box<dyn Bytes>,
    pub(crate) log: Option<File>,
}

/// What keeps a database from being read: the disk, or SQLite with the new one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Disk(#[from] std::io::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Sqlite(error) => fault::of(DOING, error),
            Failed::Disk(error) => Self::Unavailable {
                doing: DOING,
                why: error.to_string(),
                hint: Some(Hint("the disk reported an error: see the kernel log".to_owned())),
            },
        }
    }
}

/// Whether a log belongs to another database, or is damaged in the middle; SQLite cannot tell.
pub(crate) fn judge_log(broken: Broken) -> Result<LogUse, StoreError> {
    Ok(Pages::of(broken.database, broken.log).map_err(Failed::from)?.log_use)
}

/// Reads the broken database at `path`, which is open in `broken`, and fills an empty one, inside
/// the caller's transaction.
pub(crate) fn salvage(
    path: &Path,
    broken: Broken,
    into: &Connection,
    now: Timestamp,
) -> Result<Salvage, StoreError> {
    let pages = Pages::of(broken.database, broken.log).map_err(Failed::from)?;
    let mut reader = Reader::new(&pages);
    let catalog = Catalog::read(&mut reader, into)?;
    let owner = owner(path, &pages, &catalog)?;
    let mut filler = Filler::new(into);
    filler.make_tables(&catalog, owner)?;
    rows(&catalog, &mut reader, &mut filler, into)?;
    let lost_runs = !(reader.unread.is_empty() && filler.unread.is_empty());
    let missing = ends::missing(&catalog, &reader, into)?;
    ends::sequences(into)?;
    filler.make_indexes(&catalog);
    if owner == Owner::Andon {
        into.execute_batch(schema::PEER_INDEXES).map_err(Failed::from)?;
        if lost_runs {
            migrate::give_runs(into, now)?;
        }
        schema::mark(into)?;
    }
    let mut unread = reader.unread;
    unread.append(&mut filler.unread);
    let unread_more = unread.len().saturating_sub(UNREAD_MAX);
    unread.truncate(UNREAD_MAX);
    let (tables, set_aside, log) = (filler.rows, filler.set_aside, pages.log_use);
    let has_tasks = tables.iter().any(|table| table.table == TASKS && table.rows > 0);
    let lost_tasks = unread.iter().any(|it| it.table.as_deref() == Some(TASKS));
    // A board that never had any is as it was; one that has lost all is no board.
    if !has_tasks && (lost_tasks || catalog.table(TASKS).is_none()) {
        return Err(StoreError::Refused {
            path: path.to_owned(),
            why: "no task can be read from it; it stays as it is".to_owned(),
            hint: Some(Hint("restore a backup with `andon restore latest`".to_owned())),
        });
    }
    Ok(Salvage { tables, set_aside, unread, unread_more, missing, log })
}

/// Brings all rows over: first those to which their tables lead, then those to which nothing does.
fn rows(
    catalog: &Catalog,
    reader: &mut Reader<'_>,
    filler: &mut Filler<'_>,
    into: &Connection,
) -> Result<(), Failed> {
    let mut shapes = Vec::new();
    for name in tables_of(into)? {
        let shape = Shape::of(into, &name)?;
        let before = reader.unread.len();
        let entry = catalog.table(&name);
        match entry {
            Some(entry) => filler.table(reader, &shape, entry.root)?,
            None if catalog.is_whole => continue,
            None => {}
        }
        if entry.is_none() || reader.unread.len() > before {
            shapes.push(shape);
        }
    }
    if let Some(entry) = catalog.table(SEQUENCE) {
        ends::last_numbers(reader, entry, into)?;
    }
    let free = reader.pages.free()?;
    reader.forget(free);
    let unknown = if catalog.is_whole { Unknown::Left } else { Unknown::Taken };
    if !shapes.is_empty() || unknown == Unknown::Taken {
        filler.strays(reader, &shapes, unknown)?;
    }
    // A table that could not be made anew: its definition is damaged, its rows may not be.
    for entry in catalog.tables().filter(|entry| is_of_somebody(entry)) {
        if !tables_of(into)?.iter().any(|name| name.eq_ignore_ascii_case(&entry.name)) {
            filler.without_table(reader, entry)?;
        }
    }
    Ok(())
}

fn tables_of(db: &Connection) -> Result<Vec<String>, Failed> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
    let mut statement = db.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Whose board it is. The marks in the header count only where the tables do not tell better.
fn owner(path: &Path, pages: &Pages, catalog: &Catalog) -> Result<Owner, StoreError> {
    let marks = pages.marks().map_err(Failed::from)?;
    match marks.map(|marks| (marks.application_id, marks.user_version)) {
        Some((APPLICATION_ID, version)) if version > USER_VERSION => {
            Err(refuse::newer(path, version))
        }
        Some((APPLICATION_ID, _)) => Ok(Owner::Andon),
        _ if catalog.is_ours() => Ok(Owner::Andon),
        Some((0, 0)) if catalog.table(TASKS).is_some() => Ok(Owner::Peer),
        Some((0, 0)) if catalog.is_whole => Err(refuse::without_tasks(path)),
        Some((id, version)) if catalog.is_whole => Err(refuse::foreign(path, id, version)),
        // Without a list of tables, the rows themselves are all there is.
        Some(_) | None => Ok(Owner::Andon),
    }
}

#[cfg(test)]
mod tests;
