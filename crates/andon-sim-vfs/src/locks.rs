//! Who holds which lock of a database: what a world needs to answer for locks.
//!
//! Locks are taken by handles, which exclude each other as SQLite's connections do within one
//! process and between processes. As with POSIX, they can be lost: [`FileLocks::cancel`] takes all
//! locks of one process on one file away, and nobody is told.

use crate::world::{Level, Locking};
use std::ops::Range;

/// Slots of an index that can be locked.
pub const SLOTS: usize = 8;

/// Who locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// A simulated process.
    pub process: u32,
    /// An open file in it; different ones have different numbers.
    pub handle: u64,
}

/// The lock is somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held;

/// All locks of one database file and its index.
#[derive(Debug, Clone, Default)]
pub struct FileLocks {
    levels: Vec<(Owner, Level)>,
    slots: [Vec<(Owner, Locking)>; SLOTS],
}

impl FileLocks {
    /// Raises a handle's lock on the database file to `level`. As in SQLite's own interface, who is
    /// refused the exclusive lock by readers keeps the pending one, which stops new readers.
    pub fn lock(&mut self, owner: Owner, level: Level) -> Result<(), Held> {
        let mine = self.level(owner);
        if mine >= level {
            return Ok(());
        }
        let others = self.levels.iter().filter(|(other, _)| *other != owner);
        let strongest = others.map(|(_, level)| *level).max().unwrap_or(Level::None);
        match level {
            Level::None => Ok(()),
            Level::Shared if strongest >= Level::Pending => Err(Held),
            Level::Reserved if strongest >= Level::Reserved => Err(Held),
            Level::Shared | Level::Reserved => {
                self.set(owner, level);
                Ok(())
            }
            Level::Pending | Level::Exclusive if strongest >= Level::Reserved => Err(Held),
            Level::Pending | Level::Exclusive if strongest == Level::None => {
                self.set(owner, level);
                Ok(())
            }
            Level::Pending | Level::Exclusive => {
                self.set(owner, Level::Pending);
                Err(Held)
            }
        }
    }

    /// Lowers a handle's lock.
    pub fn unlock(&mut self, owner: Owner, level: Level) {
        if self.level(owner) > level {
            self.set(owner, level);
        }
    }

    /// Whether anybody has a lock from which writing begins.
    pub fn is_reserved(&self) -> bool {
        self.levels.iter().any(|(_, level)| *level >= Level::Reserved)
    }

    /// A handle's lock.
    pub fn level(&self, owner: Owner) -> Level {
        let mine = self.levels.iter().find(|(other, _)| *other == owner);
        mine.map_or(Level::None, |(_, level)| *level)
    }

    /// Locks slots of the index, all or none.
    pub fn lock_slots(
        &mut self,
        owner: Owner,
        slots: Range<usize>,
        locking: Locking,
    ) -> Result<(), Held> {
        let in_the_way = |slot: &usize| {
            let others = self.slots[*slot].iter().filter(|(other, _)| *other != owner);
            let mut others = others.map(|(_, theirs)| *theirs);
            match locking {
                Locking::Shared => others.any(|theirs| theirs == Locking::Exclusive),
                Locking::Exclusive => others.next().is_some(),
            }
        };
        if slots.clone().any(|slot| in_the_way(&slot)) {
            return Err(Held);
        }
        for slot in slots {
            self.slots[slot].retain(|(other, _)| *other != owner);
            self.slots[slot].push((owner, locking));
        }
        Ok(())
    }

    /// Unlocks slots of the index.
    pub fn unlock_slots(&mut self, owner: Owner, slots: Range<usize>) {
        for slot in slots {
            self.slots[slot].retain(|(other, _)| *other != owner);
        }
    }

    /// A handle was closed.
    pub fn forget(&mut self, owner: Owner) {
        self.retain(|other| other != owner);
    }

    /// A process has closed some descriptor of the file, or died: all its locks are gone.
    pub fn cancel(&mut self, process: u32) {
        self.retain(|other| other.process != process);
    }

    /// A process has closed some descriptor of the database file alone.
    pub fn cancel_levels(&mut self, process: u32) {
        self.levels.retain(|(other, _)| other.process != process);
    }

    /// A process has closed some descriptor of the index alone.
    pub fn cancel_slots(&mut self, process: u32) {
        for slot in &mut self.slots {
            slot.retain(|(other, _)| other.process != process);
        }
    }

    fn retain(&mut self, is_kept: impl Fn(Owner) -> bool) {
        self.levels.retain(|(other, _)| is_kept(*other));
        for slot in &mut self.slots {
            slot.retain(|(other, _)| is_kept(*other));
        }
    }

    fn set(&mut self, owner: Owner, level: Level) {
        self.levels.retain(|(other, _)| *other != owner);
        if level > Level::None {
            self.levels.push((owner, level));
        }
    }
}

#[cfg(test)]
mod tests;
