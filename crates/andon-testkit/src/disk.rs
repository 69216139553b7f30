//! A disk in memory on which the real store works, that logs what happens to it, loses power and
//! fails.
//!
//! [`Disk`] is a world of SQLite's files below one directory, which holds an empty placeholder of
//! the right size for each file. So names, links and locks beside SQLite stay the kernel's own, and
//! whatever the store does to a name is the truth here, too: content belongs to an inode.

mod beside;
mod board;
pub mod content;
mod event;
mod fault;
mod file;
mod index;
mod names;
mod process;
mod record;

pub use board::sum_of_pages;
pub use content::Content;
pub use fault::{Came, Fault, Injected, Plan, Recurrence};
pub use names::{Names, directory_of, is_directory};
pub use process::{Frozen, Lost, act_as};
pub use record::{Logged, Op, Window};

use andon_sim_vfs::locks::FileLocks;
use andon_sim_vfs::{Code, DirectorySync, File, How, World, code};
use event::Kind;
use fault::Faults;
use index::Index;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An inode: what a file is, whatever its name.
pub type FileId = u64;

/// A file.
#[derive(Debug, Default)]
struct Stored {
    content: Content,
    locks: FileLocks,
    /// Processes that keep everybody from locking the file alone.
    guards: Vec<u32>,
    /// Which index each process uses that has the database open.
    uses: Vec<(u32, FileId)>,
    /// Made as a log or a journal: its first sync makes its name durable, too.
    syncs_its_name: bool,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<FileId, Stored>,
    /// Shared indexes, by the files that stand for them.
    indexes: HashMap<FileId, Index>,
    names: Names,
    /// Placeholders that hold bytes, as long as the image is the same.
    shown: HashSet<FileId>,
    /// The directory may have changed since it was looked at.
    names_are_old: bool,
    handles: u64,
    window: Window,
    log: Option<Vec<Logged>>,
    faults: Faults,
    habits: Habits,
}

/// Bad habits of a disk. Each loses something that was promised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habits {
    /// Syncs of files are acknowledged and not carried out.
    pub lies_about_syncs: bool,
    /// Syncs of the directory are acknowledged and not carried out.
    pub lies_about_names: bool,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    state: Mutex<State>,
}

/// The disk. Copies are the same disk.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Shared>);

impl Disk {
    /// An empty disk whose placeholders are below `root`, a full path without links.
    pub fn new(root: &Path, habits: Habits) -> std::io::Result<Self> {
        std::fs::create_dir_all(root)?;
        let state = State { habits, ..State::default() };
        Ok(Self(Arc::new(Shared { root: root.to_owned(), state: Mutex::new(state) })))
    }

    /// Where its files are.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs what happens from now on.
    pub fn start_log(&self) {
        let mut state = self.state();
        state.log = Some(Vec::new());
        state.names_are_old = true;
        self.look_at_names(&mut state);
        state.log = Some(Vec::new());
    }

    /// Ends the log.
    pub fn take_log(&self) -> Vec<Logged> {
        let mut state = self.state();
        self.look_at_names(&mut state);
        state.log.take().unwrap_or_default()
    }

    /// What a cut from now on may leave: see [`Window`].
    pub fn set_window(&self, window: Window) {
        let mut state = self.state();
        self.look_at_names(&mut state);
        state.window = window;
    }

    /// All files with their names and contents, as processes see them now.
    pub fn image(&self) -> Vec<(std::ffi::OsString, Content)> {
        let mut state = self.state();
        state.names_are_old = true;
        self.look_at_names(&mut state);
        let content = |id| state.files.get(id).map_or_else(Content::default, |f| f.content.clone());
        state.names.iter().map(|(name, id)| (name.clone(), content(id))).collect()
    }

    /// Which names stand for which files now.
    pub fn names(&self) -> Names {
        let mut state = self.state();
        state.names_are_old = true;
        self.look_at_names(&mut state);
        state.names.clone()
    }

    /// The content of a file.
    pub fn content(&self, id: FileId) -> Content {
        self.state().files.get(&id).map_or_else(Content::default, |file| file.content.clone())
    }

    /// Replaces everything on the disk. Nobody may have a file of it open.
    pub fn load<'i>(
        &self,
        image: impl Iterator<Item = (&'i OsStr, &'i Content)>,
    ) -> std::io::Result<()> {
        let mut state = self.state();
        state.files.clear();
        state.indexes.clear();
        let mut old = names::scan(&self.0.root);
        state.names.clear();
        for (name, content) in image {
            let path = self.0.root.join(name);
            if is_directory(name) {
                if old.remove(name).is_none() {
                    std::fs::create_dir(&path)?;
                }
                state.names.insert(name.to_owned(), path.metadata()?.ino());
                continue;
            }
            let placeholder = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            let id = placeholder.metadata()?.ino();
            if state.shown.remove(&id) {
                placeholder.set_len(0)?;
            }
            placeholder.set_len(content.size())?;
            state.files.insert(id, Stored { content: content.clone(), ..Stored::default() });
            old.remove(name);
            state.names.insert(name.to_owned(), id);
        }
        // What is in a directory goes before it does.
        for name in old.keys().rev() {
            let path = self.0.root.join(name);
            if is_directory(name) {
                std::fs::remove_dir(path)?;
            } else {
                std::fs::remove_file(path)?;
            }
        }
        state.names_are_old = false;
        Ok(())
    }

    /// Opens the placeholder of a file.
    fn placeholder(path: &Path, how: How) -> Result<std::fs::File, Code> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        options.create(how.creates()).create_new(how.creates() && how.is_exclusive());
        options.open(path).map_err(|_| code::SQLITE_CANTOPEN)
    }
}

impl World for Disk {
    fn open(&self, path: &Path, how: How) -> Result<Box<dyn File>, Code> {
        let mut state = self.event(Kind::Open, path)?;
        let is_new = how.creates() && !path.exists();
        let placeholder = Self::placeholder(path, how)?;
        let found = placeholder.metadata().map_err(|_| code::SQLITE_IOERR_FSTAT)?;
        let id = found.ino();
        let file = state.files.entry(id).or_default();
        if is_new {
            file.syncs_its_name = how.syncs_its_name();
            state.names_are_old = true;
        }
        state.handles += 1;
        let handle = state.handles;
        drop(state);
        let opened = file::Opened { id, handle, placeholder, path: path.to_owned(), how };
        Ok(Box::new(file::Open::new(self.clone(), opened)))
    }

    fn delete(&self, path: &Path, sync: DirectorySync) -> Result<(), Code> {
        let mut state = self.event(Kind::Delete, path)?;
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(code::SQLITE_IOERR_DELETE_NOENT);
            }
            Err(_) => return Err(code::SQLITE_IOERR_DELETE),
        }
        state.names_are_old = true;
        if sync == DirectorySync::Yes {
            self.sync_names(&mut state, path.parent().unwrap_or(path));
        }
        Ok(())
    }

    fn exists(&self, path: &Path) -> Result<bool, Code> {
        drop(self.event(Kind::Exists, path)?);
        // As in the system's own interface: an empty file counts as none.
        Ok(path.metadata().is_ok_and(|found| found.len() > 0))
    }
}
