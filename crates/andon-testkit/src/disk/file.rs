//! An open file of a disk.

use super::event::Kind;
use super::{Content, Disk, FileId, Op, State, Stored};
use andon_sim_vfs::locks::{Owner, SLOTS};
use andon_sim_vfs::{Code, DeleteIndex, Extend, File, How, Level, Locking, Region, code};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// What was opened.
pub(super) struct Opened {
    pub(super) id: FileId,
    pub(super) handle: u64,
    pub(super) placeholder: std::fs::File,
    pub(super) path: PathBuf,
    pub(super) how: How,
}

/// The file.
pub(super) struct Open {
    disk: Disk,
    opened: Opened,
    owner: Owner,
    /// Whether it is counted among those who share the index.
    shares: bool,
}

impl Open {
    pub(super) fn new(disk: Disk, opened: Opened) -> Self {
        // Locks of handles exclude each other; which process a handle is in makes no difference.
        let owner = Owner { process: 0, handle: opened.handle };
        Self { disk, opened, owner, shares: false }
    }

    /// The file's size has changed: so does its placeholder's, which the store looks at.
    fn resize(&self, size: u64) -> Result<(), Code> {
        self.opened.placeholder.set_len(size).map_err(|_| code::SQLITE_IOERR_TRUNCATE)
    }

    fn write_now(&self, state: &mut State, bytes: &[u8], at: u64) -> Result<(), Code> {
        let id = self.opened.id;
        let content = content(state, id);
        let before = content.size();
        content.write(bytes, at);
        let now = content.size();
        state.record(|| Op::Write { file: id, at, bytes: bytes.into() });
        if now == before { Ok(()) } else { self.resize(now) }
    }

    fn index_path(&self) -> PathBuf {
        let mut path = self.opened.path.clone().into_os_string();
        path.push("-shm");
        PathBuf::from(path)
    }

    fn leave_index(&mut self) {
        let mut state = self.disk.state();
        let file = stored(&mut state, self.opened.id);
        file.locks.unlock_slots(self.owner, 0..SLOTS);
        if std::mem::take(&mut self.shares) {
            file.sharing = file.sharing.saturating_sub(1);
        }
    }
}

fn stored(state: &mut State, id: FileId) -> &mut Stored {
    state.files.entry(id).or_default()
}

fn content(state: &mut State, id: FileId) -> &mut Content {
    &mut stored(state, id).content
}

impl Drop for Open {
    fn drop(&mut self) {
        self.leave_index();
        let mut state = self.disk.state();
        stored(&mut state, self.opened.id).locks.forget(self.owner);
        if self.opened.how.deletes_on_close() {
            // As the system's interface does, which ignores the answer, too.
            let _removed = std::fs::remove_file(&self.opened.path);
            state.names_are_old = true;
        }
    }
}

impl File for Open {
    fn read(&mut self, into: &mut [u8], at: u64) -> Result<usize, Code> {
        match self.disk.event(Kind::Read, &self.opened.path) {
            Ok(mut state) => Ok(content(&mut state, self.opened.id).read(into, at)),
            Err(code) => {
                let mut state = self.disk.state();
                if state.faults.does_half() {
                    let half = into.len() / 2;
                    content(&mut state, self.opened.id).read(&mut into[..half], at);
                }
                Err(code)
            }
        }
    }

    fn write(&mut self, bytes: &[u8], at: u64) -> Result<(), Code> {
        match self.disk.event(Kind::Write, &self.opened.path) {
            Ok(mut state) => self.write_now(&mut state, bytes, at),
            Err(code) => {
                let mut state = self.disk.state();
                if state.faults.does_half() {
                    self.write_now(&mut state, &bytes[..bytes.len() / 2], at)?;
                }
                Err(code)
            }
        }
    }

    fn truncate(&mut self, size: u64) -> Result<(), Code> {
        let mut state = self.disk.event(Kind::Truncate, &self.opened.path)?;
        let file = self.opened.id;
        content(&mut state, file).truncate(size);
        state.record(|| Op::Truncate { file, size });
        self.resize(size)
    }

    fn sync(&mut self) -> Result<(), Code> {
        let mut state = self.disk.event(Kind::Sync, &self.opened.path)?;
        self.disk.sync_file(&mut state, self.opened.id);
        Ok(())
    }

    fn size(&mut self) -> Result<u64, Code> {
        let mut state = self.disk.event(Kind::Size, &self.opened.path)?;
        Ok(content(&mut state, self.opened.id).size())
    }

    fn lock(&mut self, level: Level) -> Result<(), Code> {
        let mut state = self.disk.event(Kind::Lock, &self.opened.path)?;
        let locks = &mut stored(&mut state, self.opened.id).locks;
        locks.lock(self.owner, level).map_err(|_| code::SQLITE_BUSY)
    }

    fn unlock(&mut self, level: Level) -> Result<(), Code> {
        stored(&mut self.disk.state(), self.opened.id).locks.unlock(self.owner, level);
        Ok(())
    }

    fn is_reserved(&mut self) -> Result<bool, Code> {
        Ok(stored(&mut self.disk.state(), self.opened.id).locks.is_reserved())
    }

    fn shm_map(&mut self, region: usize, extend: Extend) -> Result<Option<Arc<Region>>, Code> {
        let mut state = self.disk.event(Kind::ShmMap, &self.opened.path)?;
        if !self.shares {
            let index = self.index_path();
            if !index.exists() {
                Disk::placeholder(&index, How(CREATE)).map_err(|_| code::SQLITE_IOERR_SHMOPEN)?;
                state.names_are_old = true;
            }
            let file = stored(&mut state, self.opened.id);
            if file.sharing == 0 {
                // Who finds nobody sharing an index throws away what is left in it.
                file.regions.clear();
            }
            file.sharing += 1;
            self.shares = true;
        }
        let regions = &mut stored(&mut state, self.opened.id).regions;
        while extend == Extend::Yes && regions.len() <= region {
            regions.push(Region::new());
        }
        Ok(regions.get(region).cloned())
    }

    fn shm_lock(&mut self, slots: Range<usize>, locking: Locking) -> Result<(), Code> {
        let mut state = self.disk.event(Kind::ShmLock, &self.opened.path)?;
        let locks = &mut stored(&mut state, self.opened.id).locks;
        locks.lock_slots(self.owner, slots, locking).map_err(|_| code::SQLITE_BUSY)
    }

    fn shm_unlock(&mut self, slots: Range<usize>, _locking: Locking) -> Result<(), Code> {
        stored(&mut self.disk.state(), self.opened.id).locks.unlock_slots(self.owner, slots);
        Ok(())
    }

    fn shm_unmap(&mut self, delete: DeleteIndex) -> Result<(), Code> {
        self.leave_index();
        if delete == DeleteIndex::Yes {
            let mut state = self.disk.state();
            stored(&mut state, self.opened.id).regions.clear();
            // As the system's interface does, which ignores the answer, too.
            let _removed = std::fs::remove_file(self.index_path());
            state.names_are_old = true;
        }
        Ok(())
    }
}

/// SQLite's flag for making a file that is not there.
const CREATE: i32 = rusqlite::ffi::SQLITE_OPEN_CREATE;
