//! An open file of a schedule. A dead process gets errors from it, and changes nothing.

use super::sea::Sea;
use super::turns::Ended;
use andon_sim_vfs::{Code, DeleteIndex, Extend, File, Level, Locking, Region, code};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file.
pub(super) struct Watched {
    sea: Arc<Sea>,
    path: PathBuf,
    file: Box<dyn File>,
}

impl Watched {
    pub(super) fn new(sea: Arc<Sea>, path: &Path, file: Box<dyn File>) -> Self {
        Self { sea, path: path.to_owned(), file }
    }

    fn step(&self, what: &str, refused: Code) -> Result<(), Code> {
        self.sea.step_at(what, &self.path).map_err(|Ended| refused)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Closing is a step like any other; a dead process has lost its files already.
        let _next = self.sea.step("close");
    }
}

impl File for Watched {
    fn read(&mut self, into: &mut [u8], at: u64) -> Result<usize, Code> {
        self.step("read", code::SQLITE_IOERR_READ)?;
        self.file.read(into, at)
    }

    fn write(&mut self, bytes: &[u8], at: u64) -> Result<(), Code> {
        self.step("write", code::SQLITE_IOERR_WRITE)?;
        self.sea.trace.add(|| format!("   {} bytes at {at}", bytes.len()));
        self.file.write(bytes, at)
    }

    fn truncate(&mut self, size: u64) -> Result<(), Code> {
        self.step("truncate", code::SQLITE_IOERR_TRUNCATE)?;
        self.file.truncate(size)
    }

    fn sync(&mut self) -> Result<(), Code> {
        self.step("sync", code::SQLITE_IOERR_FSYNC)?;
        self.file.sync()
    }

    fn size(&mut self) -> Result<u64, Code> {
        self.step("size", code::SQLITE_IOERR_FSTAT)?;
        self.file.size()
    }

    fn lock(&mut self, level: Level) -> Result<(), Code> {
        self.step("lock", code::SQLITE_IOERR_LOCK)?;
        self.file.lock(level)
    }

    fn unlock(&mut self, level: Level) -> Result<(), Code> {
        self.step("unlock", code::SQLITE_IOERR_UNLOCK)?;
        self.file.unlock(level)
    }

    fn is_reserved(&mut self) -> Result<bool, Code> {
        self.step("is reserved", code::SQLITE_IOERR_LOCK)?;
        self.file.is_reserved()
    }

    fn shm_map(&mut self, region: usize, extend: Extend) -> Result<Option<Arc<Region>>, Code> {
        self.step("shm map", code::SQLITE_IOERR_SHMMAP)?;
        self.file.shm_map(region, extend)
    }

    fn shm_lock(&mut self, slots: Range<usize>, locking: Locking) -> Result<(), Code> {
        self.step("shm lock", code::SQLITE_IOERR_SHMLOCK)?;
        let answer = self.file.shm_lock(slots.clone(), locking);
        self.sea.trace.add(|| format!("   {slots:?} {locking:?}: {answer:?}"));
        answer
    }

    fn shm_unlock(&mut self, slots: Range<usize>, locking: Locking) -> Result<(), Code> {
        self.step("shm unlock", code::SQLITE_IOERR_SHMLOCK)?;
        self.file.shm_unlock(slots, locking)
    }

    fn shm_barrier(&mut self) {
        // SQLite takes no answer here; what it does next tells a dead process.
        let _next = self.sea.step("shm barrier");
    }

    fn unfetch(&mut self) {
        let _next = self.sea.step("unfetch");
    }

    fn shm_unmap(&mut self, delete: DeleteIndex) -> Result<(), Code> {
        self.step("shm unmap", code::SQLITE_IOERR_SHMMAP)?;
        self.file.shm_unmap(delete)
    }
}
