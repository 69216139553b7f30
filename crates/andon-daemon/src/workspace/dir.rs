//! Dir: the directory that the task names, shared with whoever else uses it.

use super::{Resolved, Wanted, WorkspaceError, named_path};
use crate::private;
use andon_core::task::WorkspaceKind;

pub(super) fn resolve(wanted: &Wanted<'_>) -> Result<Resolved, WorkspaceError> {
    let path = named_path(wanted)?.ok_or(WorkspaceError::NoPath(WorkspaceKind::Dir))?;
    // The peer makes it, too; a task may be the first to need its directory.
    private::make_dirs(&path)
        .map_err(|source| WorkspaceError::io("make workspace", &path, source))?;
    Ok(Resolved { path, branch: None })
}
