//! What a reader sees of a database in the log's mode, without SQLite: the index tells how far the
//! log counts, the rest is laying frames over pages.

use super::content::{PAGE, digest, mix};
use super::{Content, Disk, FileId, State};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Bytes at the beginning of a log.
const LOG_HEADER: u64 = 32;
/// Bytes before each page in a log.
const FRAME_HEADER: u64 = 24;
/// Where the first page counts the database's pages.
const PAGE_COUNT_AT: usize = 28;

impl Disk {
    /// What all pages of a database add up to, as a reader would see them now. Somebody must have
    /// it open, or nobody knows how far its log counts.
    pub fn board_digest(&self, path: &Path) -> u64 {
        let mut log_path = path.to_owned().into_os_string();
        log_path.push("-wal");
        let mut index_path = path.to_owned().into_os_string();
        index_path.push("-shm");
        let index_path = PathBuf::from(index_path);
        let state = self.state();
        let database = id(path);
        let log = id(&PathBuf::from(log_path));
        let frames = database.map_or(0, |_| frames(&state, id(&index_path)));
        let content = |id: Option<FileId>| {
            let found = id.and_then(|id| state.files.get(&id));
            found.map_or_else(Content::default, |file| file.content.clone())
        };
        let (database, log) = (content(database), content(log));
        drop(state);
        sum(&database, &log, frames)
    }
}

fn id(path: &Path) -> Option<FileId> {
    path.metadata().ok().map(|found| found.ino())
}

/// How many frames of the log count, by the header of the index.
fn frames(state: &State, index: Option<FileId>) -> u32 {
    let index = index.and_then(|id| state.indexes.get(&id));
    let region = index.filter(|i| !i.sharing.is_empty()).and_then(|index| index.regions.first());
    // The third word of the header begins with the number of the last frame.
    region.map_or(0, |region| region.word(2) as u32)
}

fn sum(database: &Content, log: &Content, frames: u32) -> u64 {
    let mut newest = BTreeMap::new();
    for frame in 0..u64::from(frames) {
        let at = LOG_HEADER + frame * (FRAME_HEADER + PAGE as u64);
        let mut number = [0; 4];
        log.read(&mut number, at);
        newest.insert(u32::from_be_bytes(number), at + FRAME_HEADER);
    }
    let page = |number: u32| {
        let mut bytes = [0; PAGE];
        match newest.get(&number) {
            Some(at) => log.read(&mut bytes, *at),
            None => database.read(&mut bytes, u64::from(number - 1) * PAGE as u64),
        };
        bytes
    };
    let first = page(1);
    let mut count = [0; 4];
    count.copy_from_slice(&first[PAGE_COUNT_AT..PAGE_COUNT_AT + 4]);
    let count = u32::from_be_bytes(count).min(PAGES_MAX);
    (1..=count).fold(u64::from(count), |sum, number| mix(sum, digest(&page(number))))
}

/// The same sum over pages that SQLite has read.
pub fn sum_of_pages(pages: &[u8]) -> u64 {
    let count = (pages.len() / PAGE) as u64;
    pages.chunks_exact(PAGE).fold(count, |sum, page| mix(sum, digest(page)))
}

/// More pages than a test's board has; what claims more is damaged.
const PAGES_MAX: u32 = 10_000;
