//! Simulated processes on one disk: what they lose when they die, or when somebody in them closes a
//! file that SQLite has open, too.

use super::{Disk, FileId};
use andon_sim_vfs::Region;
use std::cell::Cell;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

thread_local! {
    static PROCESS: Cell<u32> = const { Cell::new(0) };
}

/// From now on this thread is that process; files that it opened before stay the former one's.
pub fn act_as(process: u32) {
    PROCESS.set(process);
}

/// The process that this thread is.
pub(super) fn acting() -> u32 {
    PROCESS.get()
}

/// Of which file a process loses its locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The database.
    Database,
    /// The index.
    Index,
    /// Both.
    Both,
}

/// What all indexes hold at a moment.
#[derive(Debug)]
pub struct Frozen(Vec<(Arc<Region>, Vec<u64>)>);

impl Frozen {
    /// Brings it back: what a dead process wrote since never happened.
    pub fn thaw(self) {
        for (region, words) in self.0 {
            region.set_words(&words);
        }
    }
}

impl Disk {
    /// A process dies: its locks are gone, and nobody cleans up. What its thread still writes to
    /// the indexes on its way out is undone by what is handed out here.
    pub fn dies(&self, process: u32) -> Frozen {
        let mut state = self.state();
        for file in state.files.values_mut() {
            file.locks.cancel(process);
            file.guards.retain(|other| *other != process);
            file.uses.retain(|(other, _)| *other != process);
        }
        let mut regions = Vec::new();
        for index in state.indexes.values_mut() {
            index.locks.cancel(process);
            index.guards.retain(|other| *other != process);
            index.sharing.retain(|other| other.process != process);
            regions.extend(index.regions.iter().cloned());
        }
        Frozen(regions.into_iter().map(|r| (Arc::clone(&r), r.words())).collect())
    }

    /// Somebody in a process has opened and closed files that SQLite has open: the system takes
    /// all locks of the process on them away, and tells nobody.
    pub fn lose_locks(&self, process: u32, lost: Lost) {
        let mut state = self.state();
        if lost != Lost::Index {
            state.files.values_mut().for_each(|file| file.locks.cancel(process));
        }
        if lost != Lost::Database {
            for index in state.indexes.values_mut() {
                index.locks.cancel(process);
                index.lost.push(process);
            }
        }
    }

    /// A process guards a board until it dies; not where somebody has it for himself right now.
    pub fn guard(&self, board: &Path, index: &Path, process: u32) -> std::io::Result<()> {
        let (board, index) = (id(board)?, id(index)?);
        let mut state = self.state();
        state.files.entry(board).or_default().guards.push(process);
        state.indexes.entry(index).or_default().guards.push(process);
        Ok(())
    }
}

fn id(path: &Path) -> std::io::Result<FileId> {
    path.metadata().map(|found| found.ino())
}
