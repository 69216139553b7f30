//! Scratch: a directory of the task's own, and of nobody else.

use super::{Resolved, Wanted, WorkspaceError, named_path};
use crate::private;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Work in progress is private to its user.
const DIR_MODE: u32 = 0o700;

pub(super) fn resolve(wanted: &Wanted<'_>) -> Result<Resolved, WorkspaceError> {
    // The stored path may be a parent's, copied by another program; two tasks in one directory
    // would undo each other's work (S3). A path that ends in the task's own id is its own.
    let stored = named_path(wanted)?.filter(|path| path.ends_with(wanted.task.as_str()));
    let path = stored.unwrap_or_else(|| wanted.layout.workspace(wanted.task));
    make(&path)?;
    Ok(Resolved { path, branch: None })
}

fn make(path: &Path) -> Result<(), WorkspaceError> {
    let failed = |source| WorkspaceError::io("make workspace", path, source);
    if let Some(parent) = path.parent() {
        private::make_dirs(parent).map_err(failed)?;
    }
    match DirBuilder::new().mode(DIR_MODE).create(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // A link would lead the worker into somebody else's directory.
            let found = fs::symlink_metadata(path).map_err(failed)?.file_type();
            let occupied = |found| Err(WorkspaceError::Occupied { path: path.to_owned(), found });
            match (found.is_dir(), found.is_symlink()) {
                (true, _) => Ok(()),
                (false, true) => occupied("a symbolic link"),
                (false, false) => occupied("a file"),
            }
        }
        Err(error) => Err(failed(error)),
    }
}
