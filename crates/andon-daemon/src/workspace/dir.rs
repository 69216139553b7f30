//! Dir: the directory that the task names, shared with whoever else uses it.

use super::{Resolved, Wanted, WorkspaceError, named_path};
use andon_core::task::WorkspaceKind;
use std::fs;

pub(super) fn resolve(wanted: &Wanted<'_>) -> Result<Resolved, WorkspaceError> {
    let path = named_path(wanted)?.ok_or(WorkspaceError::NoPath(WorkspaceKind::Dir))?;
    // The peer makes it, too; a task may be the first to need its directory.
    fs::create_dir_all(&path)
        .map_err(|source| WorkspaceError::io("make workspace", &path, source))?;
    Ok(Resolved { path, branch: None })
}
