//! All pages of a database: those in the file, and newer ones in the log.

mod size;

use super::foreign::{Evidence, Names, names};
use super::log::Log;
use super::page::{DATABASE_HEADER, Page, u32_at};
use crate::exists;
use size::{likely_size, likely_usable};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// What the first bytes of every database are.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Where the header holds what is read from it here.
const PAGE_SIZE_AT: usize = 16;
const RESERVED_AT: usize = 20;
const FREE_TRUNK_AT: usize = 32;
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

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

/// A file as bytes.
pub(crate) trait Bytes: std::fmt::Debug {
    /// How many there are.
    fn count(&self) -> io::Result<u64>;

    /// Reads some, all of which must be there.
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<()>;
}

impl Bytes for File {
    fn count(&self) -> io::Result<u64> {
        exists::size_of(self)
    }

    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        self.read_exact_at(into, at)
    }
}

impl Bytes for Arc<File> {
    fn count(&self) -> io::Result<u64> {
        Bytes::count(&**self)
    }

    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        self.read_exact_at(into, at)
    }
}

/// The pages.
#[derive(Debug)]
pub(super) struct Pages {
    database: Box<dyn Bytes>,
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
    pub(super) fn of(database: Box<dyn Bytes>, log: Option<File>) -> io::Result<Self> {
        let bytes = database.count()?;
        let mut header = vec![0; DATABASE_HEADER];
        let is_short = bytes < DATABASE_HEADER as u64;
        if !is_short {
            database.read_at(&mut header, 0)?;
        }
        let likely = likely_size(&*database, bytes, &header)?;
        let log = log.map(|file| Log::read(file, likely)).transpose()?.flatten();
        // What stands in the log is covered by sums, so it knows better.
        let size = log.as_ref().map_or(likely, |log| log.page);
        let in_file = u32::try_from(bytes / size as u64).unwrap_or(u32::MAX);
        let usable = likely_usable(&*database, bytes, &header, size)?;
        let log_use = LogUse::Nothing;
        let mut pages = Self { database, in_file, size, usable, log, log_use };
        pages.log_use = pages.judge_log()?;
        if pages.log_use == LogUse::Foreign {
            pages.log = None;
        }
        Ok(pages)
    }

    /// Takes a database without a log, whose pages are so large.
    pub(super) fn settled(database: Box<dyn Bytes>, size: usize) -> io::Result<Self> {
        let in_file = u32::try_from(database.count()? / size as u64).unwrap_or(u32::MAX);
        let (log, log_use) = (None, LogUse::Nothing);
        Ok(Self { database, in_file, size, usable: size, log, log_use })
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

    /// How many images of a page there may be.
    pub(super) fn images(&self, page: u32) -> usize {
        1 + self.log.as_ref().map_or(0, |log| log.images(page))
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
        self.database.read_at(&mut bytes, u64::from(page - 1) * self.size as u64)?;
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

    /// What the log is worth.
    fn judge_log(&self) -> io::Result<LogUse> {
        let Some(log) = &self.log else { return Ok(LogUse::Nothing) };
        let mut in_log = Names::new();
        for page in log.numbers() {
            let image = log.image(page, 0)?;
            in_log.extend(image.map(|image| names(image, page, self.usable)).unwrap_or_default());
        }
        let mut evidence = Evidence::default();
        for page in 1..=self.in_file {
            let image = self.in_file(page)?;
            let old = image.map(|image| names(image, page, self.usable)).unwrap_or_default();
            evidence.compare(&old, &in_log);
        }
        let (commits, frames) = (log.commits, log.bad);
        Ok(if evidence.is_of_another() {
            LogUse::Foreign
        } else if frames > 0 && self.log_is_needed(log)? {
            LogUse::Damaged { commits, frames }
        } else {
            LogUse::Whole { commits }
        })
    }

    /// Whether the log has any page that the database has not.
    fn log_is_needed(&self, log: &Log) -> io::Result<bool> {
        for page in log.numbers() {
            if log.image(page, 0)? != self.in_file(page)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
