//! All pages of a database: those in the file, and newer ones in the log.

use super::log::Log;
use super::page::{DATABASE_HEADER, Kind, Page, u16_at, u32_at};
use super::record::{Stored, record};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// What the first bytes of every database are.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Where the header holds what is read from it here.
const PAGE_SIZE_AT: usize = 16;
const RESERVED_AT: usize = 20;
const FREE_TRUNK_AT: usize = 32;
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;
/// SQLite's page size where nobody says otherwise.
const PAGE_USUAL: usize = 4_096;
/// Pages that are looked at to find out how large pages are.
const SAMPLE: u64 = 512;

/// What the header of a database says, as far as it can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) application_id: i32,
    pub(crate) user_version: i32,
}

/// What became of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogUse {
    /// There is none, or nothing in it counts.
    Nothing,
    /// Its commits are part of the board.
    Whole {
        /// Commits in it.
        commits: usize,
    },
    /// It goes on behind frames that are not what was written.
    Damaged {
        /// Commits that were read.
        commits: usize,
        /// Frames that are damaged.
        frames: usize,
    },
    /// It belongs to another database, and was left out.
    Foreign,
}

/// The pages.
#[derive(Debug)]
pub(super) struct Pages {
    database: File,
    /// Whole pages in the file.
    in_file: u32,
    size: usize,
    /// Bytes of a page that may be used for content.
    pub(super) usable: usize,
    log: Option<Log>,
    pub(super) log_use: LogUse,
}

impl Pages {
    /// Takes a database and its log. Nobody may change them meanwhile.
    pub(super) fn of(database: File, log: Option<File>) -> io::Result<Self> {
        let bytes = database.metadata()?.len();
        let mut header = vec![0; DATABASE_HEADER];
        let is_short = bytes < DATABASE_HEADER as u64;
        if !is_short {
            database.read_exact_at(&mut header, 0)?;
        }
        let likely = likely_size(&database, bytes, &header)?;
        let log = log.map(|file| Log::read(file, likely)).transpose()?.flatten();
        // What stands in the log is covered by sums, so it knows better.
        let size = log.as_ref().map_or(likely, |log| log.page);
        let has_magic = header.starts_with(MAGIC);
        let reserved = if has_magic { usize::from(header[RESERVED_AT]) } else { 0 };
        let in_file = u32::try_from(bytes / size as u64).unwrap_or(u32::MAX);
        let usable = size - reserved;
        let log_use = LogUse::Nothing;
        let mut pages = Self { database, in_file, size, usable, log, log_use };
        pages.log_use = pages.judge_log()?;
        if pages.log_use == LogUse::Foreign {
            pages.log = None;
        }
        Ok(pages)
    }

    /// The number of the last page.
    pub(super) fn last(&self) -> u32 {
        let in_log = self.log.as_ref().map_or(0, |log| log.numbers().max().unwrap_or(0));
        self.in_file.max(in_log)
    }

    /// An image of a page, the newest one first.
    pub(super) fn image(&self, page: u32, nth: usize) -> io::Result<Option<Vec<u8>>> {
        let in_log = self.log.as_ref().map_or(0, |log| log.images(page));
        match &self.log {
            Some(log) if nth < in_log => log.image(page, nth),
            _ if nth == in_log => self.in_file(page),
            _ => Ok(None),
        }
    }

    /// The newest image of a page.
    pub(super) fn newest(&self, page: u32) -> io::Result<Option<Vec<u8>>> {
        self.image(page, 0)
    }

    fn in_file(&self, page: u32) -> io::Result<Option<Vec<u8>>> {
        if page == 0 || page > self.in_file {
            return Ok(None);
        }
        let mut bytes = vec![0; self.size];
        self.database.read_exact_at(&mut bytes, u64::from(page - 1) * self.size as u64)?;
        Ok(Some(bytes))
    }

    /// The marks of the board's schema, if the first page is one.
    pub(super) fn marks(&self) -> io::Result<Option<Marks>> {
        let Some(first) = self.newest(1)? else { return Ok(None) };
        let is_first =
            first.starts_with(MAGIC) || Page::parse(first.clone(), 1, self.usable).is_some();
        let word = |at| u32_at(&first, at).map(u32::cast_signed);
        Ok(is_first
            .then(|| {
                let (application_id, user_version) =
                    (word(APPLICATION_ID_AT)?, word(USER_VERSION_AT)?);
                Some(Marks { application_id, user_version })
            })
            .flatten())
    }

    /// Pages that hold nothing, as far as their list can be followed.
    pub(super) fn free(&self) -> io::Result<Vec<u32>> {
        let mut free = Vec::new();
        let first = self.newest(1)?.unwrap_or_default();
        let mut trunk = u32_at(&first, FREE_TRUNK_AT).unwrap_or(0);
        while trunk != 0 && trunk <= self.last() && !free.contains(&trunk) {
            free.push(trunk);
            let Some(bytes) = self.newest(trunk)? else { break };
            let count = u32_at(&bytes, 4).unwrap_or(0) as usize;
            if count > self.usable / 4 - 2 {
                break;
            }
            free.extend((0..count).filter_map(|nth| u32_at(&bytes, 8 + 4 * nth)));
            trunk = u32_at(&bytes, 0).unwrap_or(0);
        }
        Ok(free)
    }

    /// A log that was put beside the wrong database has good sums all the same. Its rows give it
    /// away: what a row says of itself in its first column never changes.
    fn judge_log(&self) -> io::Result<LogUse> {
        let Some(log) = &self.log else { return Ok(LogUse::Nothing) };
        let mut in_log = HashMap::new();
        for page in log.numbers() {
            let image = log.image(page, 0)?;
            in_log.extend(image.map(|image| self.names(image, page)).unwrap_or_default());
        }
        let (mut alike, mut other) = (0_usize, 0_usize);
        for page in 1..=self.in_file {
            let image = self.in_file(page)?;
            for (row, name) in image.map(|image| self.names(image, page)).unwrap_or_default() {
                match in_log.get(&row) {
                    Some(newer) if *newer == name => alike += 1,
                    Some(_) => other += 1,
                    None => {}
                }
            }
        }
        let (commits, frames) = (log.commits, log.bad);
        Ok(match (alike, other) {
            (alike, other) if other > alike => LogUse::Foreign,
            _ if frames > 0 => LogUse::Damaged { commits, frames },
            _ => LogUse::Whole { commits },
        })
    }

    /// The rows of a page, and the first column of each that is not empty.
    fn names(&self, bytes: Vec<u8>, page: u32) -> Vec<(RowOf, Stored)> {
        let mut names = Vec::new();
        let Some(page) = Page::parse(bytes, page, self.usable) else { return names };
        if page.kind != Kind::TableLeaf {
            return names;
        }
        for nth in 0..page.count {
            let Some(cell) = page.cell(nth) else { continue };
            let Some(row) = record(page.bytes(cell.local), cell.total) else { continue };
            if is_of_sqlite(&row.values) {
                continue;
            }
            let (columns, is_number) =
                (row.values.len() + row.lacking, row.values.first() == Some(&Stored::Null));
            let first = row.values.into_iter().find(|value| *value != Stored::Null);
            if let (Some(rowid), Some(first)) = (cell.rowid, first) {
                names.push((RowOf { columns, is_number, rowid }, first));
            }
        }
        names
    }
}

/// Which row of which table, as far as a page tells: tables of a board differ in how many columns
/// they have, or in whether the first of them is the number of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct RowOf {
    columns: usize,
    is_number: bool,
    rowid: i64,
}

/// Whether a row is of a table that is nearly the same on every board: that of tables, or that of
/// the last numbers given.
fn is_of_sqlite(values: &[Stored]) -> bool {
    match values {
        [Stored::Text(kind), _, _, _, _] => kind == b"table" || kind == b"index",
        [Stored::Text(_), Stored::Integer(_)] => true,
        _ => false,
    }
}

/// How large pages are: what the header says, unless the file looks otherwise.
fn likely_size(database: &File, bytes: u64, header: &[u8]) -> io::Result<usize> {
    let said = match u16_at(header, PAGE_SIZE_AT).map_or(0, usize::from) {
        1 => 65_536,
        other => other,
    };
    let sizes = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536];
    let is_size = sizes.contains(&said);
    if header.starts_with(MAGIC) && is_size && bytes < said as u64 {
        return Ok(said);
    }
    // The one that the header names comes first, and others must look better than it.
    let first = if is_size { said } else { PAGE_USUAL };
    let others = sizes.into_iter().filter(|size| *size != first);
    let (mut best, mut most) = (first, 0);
    for size in [first].into_iter().chain(others) {
        let count = sampled(bytes, size);
        let tight = tight_pages(database, count, size)?;
        if tight as u64 * SURE >= count && count > 0 {
            return Ok(size);
        }
        if tight * size > most {
            (best, most) = (size, tight * size);
        }
    }
    Ok(best)
}

/// One page in so many is a page of a tree, where pages are taken to be as large as they are.
const SURE: u64 = 4;

/// Pages that are looked at, were they so large.
fn sampled(bytes: u64, size: usize) -> u64 {
    (bytes / size as u64).min(SAMPLE * PAGE_USUAL as u64 / size as u64)
}

/// How many of the first pages are pages of trees, were pages so large.
fn tight_pages(database: &File, count: u64, size: usize) -> io::Result<usize> {
    let mut tight = 0;
    let mut image = vec![0; size];
    for nth in 0..count {
        database.read_exact_at(&mut image, nth * size as u64)?;
        let number = u32::try_from(nth + 1).unwrap_or(u32::MAX);
        let page = Page::parse(image.clone(), number, size);
        tight += usize::from(page.is_some_and(|page| page.is_tight()));
    }
    Ok(tight)
}
