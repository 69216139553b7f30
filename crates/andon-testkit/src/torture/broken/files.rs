//! A board's files as bytes.

use crate::torture::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of a page.
pub(super) const PAGE: usize = 4_096;
/// Bytes before the frames of a log, and of each frame.
pub(super) const LOG_HEADER: usize = 32;
pub(super) const FRAME: usize = 24 + PAGE;

/// The files of a board; one that is not there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Files {
    pub(super) database: Option<Vec<u8>>,
    pub(super) log: Option<Vec<u8>>,
    pub(super) index: Option<Vec<u8>>,
    pub(super) journal: Option<Vec<u8>>,
}

fn beside(board: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", board.display()))
}

impl Files {
    /// Reads the files of a board that nobody has open.
    pub(super) fn read(board: &Path) -> Self {
        let read = |suffix| fs::read(beside(board, suffix)).ok();
        Self {
            database: read(""),
            log: read("-wal"),
            index: read("-shm"),
            journal: read("-journal"),
        }
    }

    /// Writes them, and removes those that are none.
    pub(super) fn write(&self, board: &Path) -> Result<(), Failure> {
        let files = [
            ("", &self.database),
            ("-wal", &self.log),
            ("-shm", &self.index),
            ("-journal", &self.journal),
        ];
        for (suffix, bytes) in files {
            let path = beside(board, suffix);
            match bytes {
                Some(bytes) => fs::write(path, bytes)?,
                None if path.exists() => fs::remove_file(path)?,
                None => {}
            }
        }
        Ok(())
    }

    /// Whether database, log and journal are the same; the index is made anew whenever a board is
    /// opened, and an empty log is as good as none.
    pub(super) fn holds_the_same(&self, other: &Self) -> bool {
        let filled = |bytes: &Option<Vec<u8>>| bytes.clone().unwrap_or_default();
        self.database == other.database
            && filled(&self.log) == filled(&other.log)
            && filled(&self.journal) == filled(&other.journal)
    }

    /// Bytes of the database.
    pub(super) fn database(&mut self) -> &mut Vec<u8> {
        self.database.get_or_insert_default()
    }

    /// Bytes of the log.
    pub(super) fn log(&mut self) -> &mut Vec<u8> {
        self.log.get_or_insert_default()
    }

    /// A page of the database.
    pub(super) fn page(&mut self, page: u32) -> &mut [u8] {
        let at = (page as usize - 1) * PAGE;
        &mut self.database()[at..at + PAGE]
    }

    /// Pages in the database.
    pub(super) fn pages(&self) -> u32 {
        let bytes = self.database.as_ref().map_or(0, Vec::len);
        u32::try_from(bytes / PAGE).unwrap_or(u32::MAX)
    }

    /// Frames in the log.
    pub(super) fn frames(&self) -> usize {
        let bytes = self.log.as_ref().map_or(0, Vec::len);
        bytes.saturating_sub(LOG_HEADER) / FRAME
    }
}
