//! Which world a file, or a thread, belongs to.

use crate::memory;
use crate::table;
use crate::world::World;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// SQLite refused the interface; its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstallError(pub i32);

impl std::fmt::Display for InstallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SQLite refused the simulated file interface (code {})", self.0)
    }
}

impl std::error::Error for InstallError {}

type Mounted = (PathBuf, Arc<dyn World>);

static MOUNTS: RwLock<Vec<Mounted>> = RwLock::new(Vec::new());

/// A world at its place, until dropped. Files that are open then stay the world's.
#[must_use = "the world is unmounted when this is dropped"]
#[derive(Debug)]
pub struct Mount {
    at: PathBuf,
}

/// Puts a world at a directory: a full path without links. The first call makes this SQLite's
/// default interface, which must be before anything in the process has used SQLite.
pub fn mount(at: &Path, world: Arc<dyn World>) -> Result<Mount, InstallError> {
    static INSTALLED: OnceLock<Result<(), InstallError>> = OnceLock::new();
    let install = || memory::install().and_then(|()| table::install());
    (*INSTALLED.get_or_init(install))?;
    let mut mounts = MOUNTS.write().unwrap_or_else(PoisonError::into_inner);
    mounts.push((at.to_owned(), world));
    Ok(Mount { at: at.to_owned() })
}

impl Drop for Mount {
    fn drop(&mut self) {
        let mut mounts = MOUNTS.write().unwrap_or_else(PoisonError::into_inner);
        mounts.retain(|(at, _)| *at != self.at);
    }
}

/// The world that a file belongs to.
pub(crate) fn of_path(path: &Path) -> Option<Arc<dyn World>> {
    let mounts = MOUNTS.read().unwrap_or_else(PoisonError::into_inner);
    let found = mounts.iter().find(|(at, _)| path.starts_with(at));
    found.map(|(_, world)| Arc::clone(world))
}

thread_local! {
    static HERE: RefCell<Option<Arc<dyn World>>> = const { RefCell::new(None) };
}

/// A thread's stay in a world, until dropped.
#[must_use = "the thread leaves the world when this is dropped"]
pub struct Entered {
    before: Option<Arc<dyn World>>,
}

/// Lets the world answer what this thread asks without naming a file.
pub fn enter(world: Arc<dyn World>) -> Entered {
    Entered { before: HERE.replace(Some(world)) }
}

impl Drop for Entered {
    fn drop(&mut self) {
        HERE.replace(self.before.take());
    }
}

/// The world that this thread is in.
pub(crate) fn of_thread() -> Option<Arc<dyn World>> {
    HERE.try_with(|here| here.borrow().clone()).ok().flatten()
}
