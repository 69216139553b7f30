//! The index of a log, which processes share in memory.

use super::{FileId, State};
use andon_sim_vfs::Region;
use andon_sim_vfs::locks::{FileLocks, Owner};
use std::sync::Arc;

/// An index.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Its slots.
    pub(super) locks: FileLocks,
    /// Its memory.
    pub(super) regions: Vec<Arc<Region>>,
    /// Connections that share it now.
    pub(super) sharing: Vec<Owner>,
    /// Processes that hold its dead man's switch for as long as they live.
    pub(super) guards: Vec<u32>,
    /// Processes that share it and have lost the lock by which others know.
    pub(super) lost: Vec<u32>,
}

impl Index {
    /// Whether anybody but this process shows that the index is in use.
    pub(super) fn is_used_beside(&self, process: u32) -> bool {
        !self.guards.is_empty()
            || self.sharing.iter().any(|o| o.process != process && !self.lost.contains(&o.process))
    }

    /// A connection begins to share it. Who finds no sign of anybody throws away what is in it.
    pub(super) fn join(&mut self, owner: Owner) {
        let is_first = self.sharing.iter().all(|other| other.process != owner.process);
        if is_first {
            let is_in_use = self.is_used_beside(owner.process);
            if !is_in_use && self.sharing.is_empty() {
                self.regions.clear();
            } else if !is_in_use {
                self.regions.iter().for_each(|region| region.set_words(&[]));
            }
            self.lost.retain(|process| *process != owner.process);
        }
        self.sharing.push(owner);
    }

    /// A connection ceases to share it.
    pub(super) fn leave(&mut self, owner: Owner) {
        self.locks.forget(owner);
        self.sharing.retain(|other| *other != owner);
    }
}

impl State {
    /// The index that a process uses for a database: one for all its connections.
    pub(super) fn index_in_use(&self, database: FileId, process: u32) -> Option<FileId> {
        let uses = self.files.get(&database).map_or(&[][..], |file| &file.uses);
        uses.iter().find(|(other, _)| *other == process).map(|(_, index)| *index)
    }

    /// Ends a connection's use of an index.
    pub(super) fn leave_index(&mut self, database: FileId, index: FileId, owner: Owner) {
        let Some(found) = self.indexes.get_mut(&index) else { return };
        found.leave(owner);
        if found.sharing.iter().any(|other| other.process == owner.process) {
            return;
        }
        if let Some(file) = self.files.get_mut(&database) {
            file.uses.retain(|(process, _)| *process != owner.process);
        }
    }
}
