//! Something is about to happen to the disk: by SQLite, or by the store beside SQLite.

use super::{Disk, FileId, Op, State, beside};
use andon_faults::Hooks;
use andon_sim_vfs::Code;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::MutexGuard;

/// What SQLite asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file is opened.
    Open,
    /// A file is removed.
    Delete,
    /// Whether a file is there.
    Exists,
    /// Bytes are read.
    Read,
    /// Bytes are written.
    Write,
    /// A file is cut.
    Truncate,
    /// A file is made durable.
    Sync,
    /// The size is asked for.
    Size,
    /// The database is locked.
    Lock,
    /// The index is mapped.
    ShmMap,
    /// The index is locked.
    ShmLock,
}

impl Disk {
    /// Notes that something is about to happen, unless it is to fail.
    pub(super) fn event(&self, kind: Kind, path: &Path) -> Result<MutexGuard<'_, State>, Code> {
        let mut state = self.state();
        if state.names_are_old {
            self.look_at_names(&mut state);
        }
        match state.faults.of(kind, path) {
            Some(code) => Err(code),
            None => Ok(state),
        }
    }

    /// Somebody who tells the disk what the store does beside SQLite, for the thread that does it.
    pub fn hooks(&self, mistake: Option<&'static str>) -> Rc<dyn Hooks> {
        Rc::new(Beside { disk: self.clone(), mistake })
    }
}

/// What happens beside SQLite.
struct Beside {
    disk: Disk,
    /// What is done wrong on purpose.
    mistake: Option<&'static str>,
}

impl Hooks for Beside {
    fn reach(&self, point: &'static str, path: &Path) -> io::Result<()> {
        if point == "writer.turn" {
            self.disk.state().faults.tries_anew();
        }
        if !point.starts_with("disk.") && !point.starts_with("lock.") {
            return Ok(());
        }
        let mut state = self.disk.state();
        self.disk.look_at_names(&mut state);
        if let Some(error) = state.faults.beside(point) {
            return Err(error);
        }
        match point {
            "disk.sync" => {
                if let Some(file) = id(path) {
                    self.disk.sync_file(&mut state, file, path);
                }
            }
            "disk.sync-directory" => self.disk.sync_names(&mut state, path),
            "disk.read" => beside::show(&mut state, path)?,
            "disk.copied" => beside::take(&mut state, path)?,
            _ => {}
        }
        state.names_are_old = true;
        Ok(())
    }

    fn pause(&self, _span: std::time::Duration) {}

    fn planted(&self, mistake: &'static str) -> bool {
        self.mistake == Some(mistake)
    }
}

fn id(path: &Path) -> Option<FileId> {
    path.metadata().ok().map(|found| found.ino())
}

impl Disk {
    /// Makes a file durable, and its name where the system's interface would.
    pub(super) fn sync_file(&self, state: &mut State, file: FileId, path: &Path) {
        if !state.habits.lies_about_syncs {
            state.record(|| Op::Sync { file });
        }
        let named =
            state.files.get_mut(&file).is_some_and(|f| std::mem::take(&mut f.syncs_its_name));
        if named {
            self.sync_names(state, path.parent().unwrap_or(path));
        }
    }
}
