//! The smallest world: files in memory, by name.

use andon_sim_vfs::locks::{FileLocks, Owner};
use andon_sim_vfs::{
    Code, DeleteIndex, DirectorySync, Extend, File, How, Level, Locking, Region, World, code,
};
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Item {
    bytes: Vec<u8>,
    locks: FileLocks,
    regions: Vec<Arc<Region>>,
}

#[derive(Default)]
struct State {
    files: HashMap<PathBuf, Item>,
    handles: u64,
    writes: u64,
    sync_fails: Option<Code>,
}

/// The world.
#[derive(Default)]
pub(crate) struct Shelf(Arc<Mutex<State>>);

impl Shelf {
    pub(crate) fn writes(&self) -> u64 {
        lock(&self.0).writes
    }

    pub(crate) fn refuse_syncs(&self, with: Option<Code>) {
        lock(&self.0).sync_fails = with;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World for Shelf {
    fn open(&self, path: &Path, how: How) -> Result<Box<dyn File>, Code> {
        let mut state = lock(&self.0);
        if !how.creates() && !state.files.contains_key(path) {
            return Err(code::SQLITE_CANTOPEN);
        }
        state.files.entry(path.to_owned()).or_default();
        state.handles += 1;
        let owner = Owner { process: 1, handle: state.handles };
        Ok(Box::new(Open { state: Arc::clone(&self.0), path: path.to_owned(), owner }))
    }

    fn delete(&self, path: &Path, _sync: DirectorySync) -> Result<(), Code> {
        let removed = lock(&self.0).files.remove(path);
        removed.map(drop).ok_or(code::SQLITE_IOERR_DELETE_NOENT)
    }

    fn exists(&self, path: &Path) -> Result<bool, Code> {
        Ok(lock(&self.0).files.contains_key(path))
    }
}

struct Open {
    state: Arc<Mutex<State>>,
    path: PathBuf,
    owner: Owner,
}

impl Open {
    fn with<T>(&self, change: impl FnOnce(&mut Item) -> T) -> T {
        change(lock(&self.state).files.entry(self.path.clone()).or_default())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.with(|item| item.locks.forget(self.owner));
    }
}

impl File for Open {
    fn read(&mut self, into: &mut [u8], at: u64) -> Result<usize, Code> {
        self.with(|item| {
            let from = item.bytes.len().min(at as usize);
            let to = item.bytes.len().min(from + into.len());
            into[..to - from].copy_from_slice(&item.bytes[from..to]);
            Ok(to - from)
        })
    }

    fn write(&mut self, bytes: &[u8], at: u64) -> Result<(), Code> {
        lock(&self.state).writes += 1;
        self.with(|item| {
            let (from, to) = (at as usize, at as usize + bytes.len());
            item.bytes.resize(item.bytes.len().max(to), 0);
            item.bytes[from..to].copy_from_slice(bytes);
            Ok(())
        })
    }

    fn truncate(&mut self, size: u64) -> Result<(), Code> {
        self.with(|item| item.bytes.resize(size as usize, 0));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Code> {
        lock(&self.state).sync_fails.map_or(Ok(()), Err)
    }

    fn size(&mut self) -> Result<u64, Code> {
        Ok(self.with(|item| item.bytes.len() as u64))
    }

    fn lock(&mut self, level: Level) -> Result<(), Code> {
        self.with(|item| item.locks.lock(self.owner, level)).map_err(|_| code::SQLITE_BUSY)
    }

    fn unlock(&mut self, level: Level) -> Result<(), Code> {
        self.with(|item| item.locks.unlock(self.owner, level));
        Ok(())
    }

    fn is_reserved(&mut self) -> Result<bool, Code> {
        Ok(self.with(|item| item.locks.is_reserved()))
    }

    fn shm_map(&mut self, region: usize, extend: Extend) -> Result<Option<Arc<Region>>, Code> {
        Ok(self.with(|item| {
            while extend == Extend::Yes && item.regions.len() <= region {
                item.regions.push(Region::new());
            }
            item.regions.get(region).cloned()
        }))
    }

    fn shm_lock(&mut self, slots: Range<usize>, locking: Locking) -> Result<(), Code> {
        let locked = self.with(|item| item.locks.lock_slots(self.owner, slots, locking));
        locked.map_err(|_| code::SQLITE_BUSY)
    }

    fn shm_unlock(&mut self, slots: Range<usize>, _locking: Locking) -> Result<(), Code> {
        self.with(|item| item.locks.unlock_slots(self.owner, slots));
        Ok(())
    }

    fn shm_unmap(&mut self, delete: DeleteIndex) -> Result<(), Code> {
        self.with(|item| {
            item.locks.unlock_slots(self.owner, 0..andon_sim_vfs::locks::SLOTS);
            if delete == DeleteIndex::Yes {
                item.regions.clear();
            }
        });
        Ok(())
    }
}
