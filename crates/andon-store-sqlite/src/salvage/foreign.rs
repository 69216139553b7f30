//! Whether a log belongs to another database than the one that it lies beside.
//!
//! Its sums are good all the same, and nothing in either file names the other. The rows do: what a
//! row says of its task never changes, and its number is never given again.

use super::Failed;
use super::catalog::Entry;
use super::log::{FRAME_HEADER, HEADER};
use super::page::{Kind, Page, u32_at};
use super::pages::Pages;
use super::record::{Stored, record};
use super::shape::Shape;
use super::tree::Reader;
use crate::guard::Forever;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Frames at each end of a log whose rows are compared at a quick look.
const FRAMES_MAX: usize = 24;
/// How a page begins that holds rows of a table.
const TABLE_LEAF: u8 = 13;
/// Rows of one table that are looked up: those with the lowest numbers, which the database is
/// likeliest to have, too.
const ROWS_MAX: usize = 24;

/// Tables in which rows are looked up, with the columns by which their rows are known.
const TABLES: [(&str, usize); 3] = [("task_events", 6), ("task_runs", RUN), ("task_comments", 5)];
/// Columns of a run.
const RUN: usize = 16;

/// A quick look whether a log may belong to another database: at its first and its newest pages
/// alone. The rows on them that the database has, too, must be the same.
pub(crate) fn looks_foreign(
    database: Forever,
    log: &File,
    frames: usize,
    size: usize,
) -> Result<bool, Failed> {
    let pages = Pages::settled(Box::new(database), size)?;
    let mut roots = HashMap::new();
    Reader::new(&pages).table(&Shape::any("sqlite_schema", true), 1, &mut |row| {
        let entry = Entry::of(&row).filter(|entry| !entry.is_index);
        roots.extend(entry.map(|entry| (entry.name, entry.root)));
        Ok(())
    })?;
    let (mut in_log, mut frame) = (Names::new(), vec![0; FRAME_HEADER + size]);
    let newest = frames.saturating_sub(FRAMES_MAX).max(FRAMES_MAX)..frames;
    for nth in (0..frames.min(FRAMES_MAX)).chain(newest) {
        let at = HEADER as u64 + (nth * frame.len()) as u64;
        log.read_exact_at(&mut frame, at)?;
        // Most pages are those of indexes, and the first one holds no row that is wanted.
        if frame[FRAME_HEADER] == TABLE_LEAF {
            let image = frame[FRAME_HEADER..].to_vec();
            in_log.extend(names(image, u32_at(&frame, 0).unwrap_or(0), size));
        }
    }
    let mut evidence = Evidence::default();
    for (table, columns) in TABLES {
        let Some(root) = roots.get(table) else { continue };
        let mut rows: Vec<(&RowOf, &Stored)> =
            in_log.iter().filter(|(row, _)| row.columns == columns).collect();
        rows.sort_by_key(|(row, _)| row.rowid);
        let mut known = Names::new();
        for (row, name) in rows.into_iter().take(ROWS_MAX) {
            // Rows that are neighbours lie on one page.
            if !known.contains_key(row) {
                known = leaf_of(&pages, *root, row.rowid)?;
            }
            evidence.add(name, known.get(row));
        }
    }
    Ok(evidence.is_of_another())
}

/// The rows of the page on which the database alone would have a row.
fn leaf_of(pages: &Pages, root: u32, rowid: i64) -> Result<Names, Failed> {
    let mut number = root;
    for _ in 0..DEPTH_MAX {
        let Some(bytes) = pages.newest(number)? else { break };
        let Some(page) = Page::parse(bytes.clone(), number, pages.usable) else { break };
        if page.kind == Kind::TableLeaf {
            return Ok(names(bytes, number, pages.usable));
        }
        let nth = (0..page.count).find(|nth| page.key(*nth).is_some_and(|key| key >= rowid));
        match page.child(nth.unwrap_or(page.count)) {
            Some(child) if page.kind == Kind::TableInterior => number = child,
            Some(_) | None => break,
        }
    }
    Ok(Names::new())
}

/// Deeper than any tree of a billion rows.
const DEPTH_MAX: usize = 32;

/// Which row of which table, as far as a page tells: tables of a board that number their rows
/// differ in how many columns they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RowOf {
    columns: usize,
    rowid: i64,
}

/// Rows of tables that never give a number twice, with the task that they are about, which never
/// changes. Tasks themselves are not among them: SQLite numbers their rows, and gives the numbers
/// of deleted ones again.
pub(super) type Names = HashMap<RowOf, Stored>;

/// A log that was put beside the wrong database has good sums all the same. Its rows give it away.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    alike: usize,
    other: usize,
}

/// Rows that contradict each other, from which on a log is another database's.
const OTHERS_MIN: usize = 2;

impl Evidence {
    pub(super) fn compare(&mut self, old: &Names, new: &Names) {
        for (row, name) in old {
            self.add(name, new.get(row));
        }
    }

    fn add(&mut self, name: &Stored, other: Option<&Stored>) {
        match other {
            Some(other) if other == name => self.alike += 1,
            Some(_) => self.other += 1,
            None => {}
        }
    }

    pub(super) fn is_of_another(&self) -> bool {
        self.other >= OTHERS_MIN && self.other > self.alike
    }
}

/// What the id of every task begins with.
const TASK: &[u8] = b"t_";

/// The task that a row is about, if it is an event, a comment or a run by its columns. Where the
/// number of a row is a column, nothing is stored in that column.
fn task(row: &[Stored], columns: usize) -> Option<&Stored> {
    use Stored::{Integer, Null, Text};
    let task = match row {
        [Null, task, Null | Integer(_), Text(_), Null | Text(_), Integer(_)] => task,
        [Null, task, Text(_), Text(_), Integer(_)] => task,
        [Null, task, Null | Text(_), Null | Text(_), Text(_), ..] if columns == RUN => task,
        _ => return None,
    };
    matches!(task, Text(id) if id.starts_with(TASK)).then_some(task)
}

pub(super) fn names(bytes: Vec<u8>, page: u32, usable: usize) -> Names {
    let mut names = Names::new();
    let Some(page) = Page::parse(bytes, page, usable) else { return names };
    if page.kind != Kind::TableLeaf {
        return names;
    }
    for nth in 0..page.count {
        let Some(cell) = page.cell(nth) else { continue };
        let Some(row) = record(page.bytes(cell.local), cell.total) else { continue };
        let columns = row.values.len() + row.lacking;
        if let (Some(rowid), Some(task)) = (cell.rowid, task(&row.values, columns)) {
            names.insert(RowOf { columns, rowid }, task.clone());
        }
    }
    names
}
