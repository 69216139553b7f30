//! What a disk holds for sure, and what it only may hold: everything that a power cut can leave.
//!
//! Each file is independent of the others; a sync makes what was written before durable. Names have
//! two models: as on file systems with ordered metadata, where each sync of anything makes all
//! earlier names durable, and the strict one, where only a sync of their own directory does.

use crate::disk::{Content, FileId, Names, Op, directory_of};
use crate::torture::chance::Chance;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

/// Files as they are found after a cut.
pub(in crate::torture) type Image = Vec<(OsString, Content)>;

/// A change of a file that is not durable yet.
#[derive(Debug, Clone)]
enum Change {
    Write(u64, Arc<[u8]>),
    Truncate(u64),
}

/// A change of names that is not durable yet.
#[derive(Debug, Clone)]
enum Renaming {
    Link(OsString, FileId),
    Unlink(OsString),
    Rename(OsString, OsString, FileId),
}

#[derive(Debug, Clone, Default)]
struct Inode {
    durable: Content,
    now: Content,
    pending: Vec<Change>,
}

/// A disk between two operations.
#[derive(Debug, Clone, Default)]
pub(super) struct Volume {
    inodes: HashMap<FileId, Inode>,
    durable: Names,
    renamings: Vec<Renaming>,
    /// Changes of names that ordered metadata has made durable.
    ordered: usize,
}

/// What becomes of what is not durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// All of it is lost.
    Lost,
    /// All of it is there.
    Kept,
    /// Each file has a fate of its own, drawn.
    Drawn,
}

/// Sectors that a device writes whole.
const SECTORS: [usize; 2] = [512, 4096];

impl Volume {
    /// A disk at rest.
    pub(super) fn at_rest(names: &Names, content: impl Fn(FileId) -> Content) -> Self {
        let inode = |id: &FileId| {
            let durable = content(*id);
            (*id, Inode { now: durable.clone(), durable, pending: Vec::new() })
        };
        let inodes = names.values().map(inode).collect();
        Self { inodes, durable: names.clone(), ..Self::default() }
    }

    /// Lets an operation happen.
    pub(super) fn apply(&mut self, op: &Op) {
        match op {
            Op::Write { file, at, bytes } => {
                let inode = self.inodes.entry(*file).or_default();
                inode.now.write(bytes, *at);
                inode.pending.push(Change::Write(*at, Arc::clone(bytes)));
            }
            Op::Truncate { file, size } => {
                let inode = self.inodes.entry(*file).or_default();
                inode.now.truncate(*size);
                inode.pending.push(Change::Truncate(*size));
            }
            Op::Sync { file } => {
                let inode = self.inodes.entry(*file).or_default();
                inode.durable = inode.now.clone();
                inode.pending.clear();
                self.ordered = self.renamings.len();
            }
            Op::Link { name, file } => self.renamings.push(Renaming::Link(name.clone(), *file)),
            Op::Unlink { name } => self.renamings.push(Renaming::Unlink(name.clone())),
            Op::Rename { from, to, file } => {
                self.renamings.push(Renaming::Rename(from.clone(), to.clone(), *file));
            }
            Op::SyncNames { directory } => {
                for renaming in std::mem::take(&mut self.renamings) {
                    if renaming.directory() == directory {
                        renaming.apply(&mut self.durable);
                    } else {
                        self.renamings.push(renaming);
                    }
                }
                self.ordered = self.renamings.len();
            }
        }
    }

    /// How many different images there may be, roughly: a measure for how many to draw.
    pub(super) fn uncertainty(&self) -> usize {
        let pending = self.inodes.values().flat_map(|inode| &inode.pending);
        let sectors = pending.map(|change| match change {
            Change::Write(_, bytes) => 1 + bytes.len() / SECTORS[0],
            Change::Truncate(_) => 1,
        });
        sectors.sum::<usize>() + self.renamings.len()
    }

    /// What a cut leaves.
    pub(super) fn image(&self, fate: Fate, chance: &mut Chance) -> Image {
        let mut names = self.durable.clone();
        let strict = chance.once_in(2);
        let count = self.renamings.len();
        let until = match (fate, strict) {
            (Fate::Lost, true) => 0,
            (Fate::Lost, false) => self.ordered,
            (Fate::Kept, _) => count,
            (Fate::Drawn, false) => self.ordered + chance.below(count - self.ordered + 1),
            (Fate::Drawn, true) => count,
        };
        for renaming in &self.renamings[..until] {
            // Strict: whether one name is durable says nothing about another.
            let is_lost = strict && fate == Fate::Drawn && chance.once_in(3);
            if !is_lost {
                renaming.apply(&mut names);
            }
        }
        // A file is not found whose directory was lost.
        let is_there = |name: &OsStr| name.is_empty() || names.contains_key(name);
        let found = names.iter().filter(|(name, _)| is_there(directory_of(name)));
        found.map(|(name, id)| (name.clone(), self.content(*id, fate, chance))).collect()
    }

    fn content(&self, id: FileId, fate: Fate, chance: &mut Chance) -> Content {
        let Some(inode) = self.inodes.get(&id) else { return Content::default() };
        match fate {
            _ if inode.pending.is_empty() => inode.durable.clone(),
            Fate::Lost => inode.durable.clone(),
            Fate::Kept => inode.now.clone(),
            Fate::Drawn => inode.drawn(chance),
        }
    }
}

impl Renaming {
    /// The directory whose sync makes it durable. The store moves nothing from one to another.
    fn directory(&self) -> &OsStr {
        match self {
            Self::Link(name, _) | Self::Unlink(name) | Self::Rename(_, name, _) => {
                directory_of(name)
            }
        }
    }

    fn apply(&self, names: &mut Names) {
        match self {
            Self::Link(name, file) => {
                names.insert(name.clone(), *file);
            }
            Self::Unlink(name) => {
                names.remove(name);
            }
            Self::Rename(from, to, file) => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
        }
    }
}

/// What becomes of the sectors of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tearing {
    /// Some are there, some are not.
    Holes,
    /// Those that are not there hold anything at all.
    Garbage,
    /// Those that are not there hold zeros, as where a file grew before its bytes came.
    Zeros,
}

impl Inode {
    fn drawn(&self, chance: &mut Chance) -> Content {
        let sector = SECTORS[chance.below(SECTORS.len())];
        let tearing = match chance.below(4) {
            0 => Tearing::Garbage,
            1 => Tearing::Zeros,
            _ => Tearing::Holes,
        };
        let mut content = self.durable.clone();
        match chance.below(6) {
            0 => {}
            1 => return self.now.clone(),
            // In order up to somewhere, and the last one torn.
            2 | 3 => {
                let kept = chance.below(self.pending.len());
                for change in &self.pending[..kept] {
                    change.apply(&mut content);
                }
                self.pending[kept].apply_torn(&mut content, sector, tearing, chance);
            }
            // Any of them, in any order of arrival that keeps overwrites apart.
            4 => {
                for change in &self.pending {
                    if chance.once_in(2) {
                        change.apply(&mut content);
                    }
                }
            }
            // Each of them torn.
            _ => {
                for change in &self.pending {
                    change.apply_torn(&mut content, sector, tearing, chance);
                }
            }
        }
        content
    }
}

impl Change {
    fn apply(&self, content: &mut Content) {
        match self {
            Self::Write(at, bytes) => content.write(bytes, *at),
            Self::Truncate(size) => content.truncate(*size),
        }
    }

    fn apply_torn(&self, into: &mut Content, sector: usize, tearing: Tearing, chance: &mut Chance) {
        let Self::Write(at, bytes) = self else {
            if chance.once_in(2) {
                self.apply(into);
            }
            return;
        };
        // Mostly the beginning arrives, or nearly all: that is what gets past a checksum if
        // anything does.
        let mode = chance.below(4);
        let sectors = bytes.len() / sector + 2;
        let cut = chance.below(sectors);
        let mut done = 0;
        let mut nth = 0;
        while done < bytes.len() {
            let place = *at as usize + done;
            let length = (sector - place % sector).min(bytes.len() - done);
            let arrives = match mode {
                0 => nth < cut,
                1 => nth != cut,
                2 => nth >= cut,
                _ => chance.once_in(2),
            };
            let part = &bytes[done..done + length];
            match (arrives, tearing) {
                (true, _) => into.write(part, place as u64),
                (false, Tearing::Holes) => {}
                (false, Tearing::Zeros) if place as u64 >= into.size() => {
                    into.write(&vec![0; length], place as u64);
                }
                (false, Tearing::Zeros) => {}
                (false, Tearing::Garbage) => {
                    let garbage: Vec<u8> = (0..length).map(|_| chance.draw() as u8).collect();
                    into.write(&garbage, place as u64);
                }
            }
            done += length;
            nth += 1;
        }
    }
}

#[cfg(test)]
mod tests;
