//! An open file of a disk.

use super::event::Kind;
use super::index::Index;
use super::process::acting;
use super::{Content, Disk, FileId, Op, State, Stored};
use andon_sim_vfs::locks::Owner;
use andon_sim_vfs::{Code, DeleteIndex, Extend, File, How, Level, Locking, Region, code};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
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
    /// The index that it shares.
    index: Option<FileId>,
}

impl Open {
    pub(super) fn new(disk: Disk, opened: Opened) -> Self {
        let owner = Owner { process: acting(), handle: opened.handle };
        Self { disk, opened, owner, index: None }
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
        if let Some(index) = self.index.take() {
            self.disk.state().leave_index(self.opened.id, index, self.owner);
        }
    }

    /// The index that this connection shares from now on.
    fn join_index(&mut self, state: &mut State) -> Result<FileId, Code> {
        if let Some(index) = self.index {
            return Ok(index);
        }
        let (database, process) = (self.opened.id, self.owner.process);
        let index = match state.index_in_use(database, process) {
            Some(index) => index,
            None => {
                let failed = |_| code::SQLITE_IOERR_SHMOPEN;
                let path = self.index_path();
                state.names_are_old |= !path.exists();
                let placeholder = Disk::placeholder(&path, How(CREATE)).map_err(failed)?;
                let index = placeholder.metadata().map_err(|_| code::SQLITE_IOERR_SHMOPEN)?.ino();
                stored(state, database).uses.push((process, index));
                index
            }
        };
        state.indexes.entry(index).or_default().join(self.owner);
        self.index = Some(index);
        Ok(index)
    }

    /// The index, where it is shared.
    fn index<'s>(&self, state: &'s mut State) -> Option<&'s mut Index> {
        self.index.and_then(|index| state.indexes.get_mut(&index))
    }

    /// Whether others must not be locked out, though no lock of theirs says so: a guard, or an
    /// index that other processes use (SQLite's interface looks since 3.51).
    fn is_guarded(&self, state: &mut State) -> bool {
        let process = self.owner.process;
        let is_shared = self.index(state).is_some_and(|index| index.is_used_beside(process));
        is_shared || !stored(state, self.opened.id).guards.is_empty()
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
        self.disk.sync_file(&mut state, self.opened.id, &self.opened.path);
        Ok(())
    }

    fn size(&mut self) -> Result<u64, Code> {
        let mut state = self.disk.event(Kind::Size, &self.opened.path)?;
        Ok(content(&mut state, self.opened.id).size())
    }

    fn lock(&mut self, level: Level) -> Result<(), Code> {
        let mut state = self.disk.event(Kind::Lock, &self.opened.path)?;
        let is_refused = level == Level::Exclusive && self.is_guarded(&mut state);
        let level = if is_refused { Level::Pending } else { level };
        let locks = &mut stored(&mut state, self.opened.id).locks;
        let answer = locks.lock(self.owner, level).map_err(|_| code::SQLITE_BUSY);
        if is_refused { Err(code::SQLITE_BUSY) } else { answer }
    }

    fn unlock(&mut self, level: Level) -> Result<(), Code> {
        stored(&mut self.disk.state(), self.opened.id).locks.unlock(self.owner, level);
        Ok(())
    }

    fn is_reserved(&mut self) -> Result<bool, Code> {
        Ok(stored(&mut self.disk.state(), self.opened.id).locks.is_reserved())
    }

    fn shm_map(&mut self, region: usize, extend: Extend) -> Result<Option<Arc<Region>>, Code> {
        let disk = self.disk.clone();
        let mut state = disk.event(Kind::ShmMap, &self.opened.path)?;
        self.join_index(&mut state)?;
        let Some(index) = self.index(&mut state) else { return Ok(None) };
        let regions = &mut index.regions;
        while extend == Extend::Yes && regions.len() <= region {
            regions.push(Region::new());
        }
        Ok(regions.get(region).cloned())
    }

    fn shm_lock(&mut self, slots: Range<usize>, locking: Locking) -> Result<(), Code> {
        let mut state = self.disk.event(Kind::ShmLock, &self.opened.path)?;
        let Some(index) = self.index(&mut state) else { return Err(code::SQLITE_IOERR_SHMLOCK) };
        index.locks.lock_slots(self.owner, slots, locking).map_err(|_| code::SQLITE_BUSY)
    }

    fn shm_unlock(&mut self, slots: Range<usize>, _locking: Locking) -> Result<(), Code> {
        if let Some(index) = self.index(&mut self.disk.state()) {
            index.locks.unlock_slots(self.owner, slots);
        }
        Ok(())
    }

    fn shm_unmap(&mut self, delete: DeleteIndex) -> Result<(), Code> {
        self.leave_index();
        if delete == DeleteIndex::Yes {
            let mut state = self.disk.state();
            // As the system's interface does, which ignores the answer, too.
            let _removed = std::fs::remove_file(self.index_path());
            state.names_are_old = true;
        }
        Ok(())
    }
}

/// SQLite's flag for making a file that is not there.
const CREATE: i32 = rusqlite::ffi::SQLITE_OPEN_CREATE;
