//! What keeps a claimed task from being started, and whose fault it is.

use crate::profile::StartError;
use crate::workspace::WorkspaceError;
use andon_core::id::TaskId;
use andon_store::StoreError;
use rustix::io::Errno;
use std::io;

/// What keeps a claimed task from being started.
#[derive(Debug, thiserror::Error)]
pub(super) enum Obstacle {
    #[error("workspace: {0}")]
    Workspace(#[from] WorkspaceError),
    #[error(transparent)]
    Profile(#[from] StartError),
    #[error("cannot start a runner: {0}")]
    Runner(#[from] io::Error),
    #[error("task {0} is gone")]
    Gone(TaskId),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the system says where the host lacks something: descriptors, memory, processes, room. That
/// says nothing about the task.
const WANTS: [Errno; 6] =
    [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::NOSPC, Errno::DQUOT];

impl Obstacle {
    /// Whether the host is at fault, or the board, and not the task or its profile.
    pub(super) fn is_of_host(&self) -> bool {
        let refused = match self {
            Self::Workspace(WorkspaceError::Io { source, .. }) | Self::Runner(source) => source,
            Self::Store(error) => return !matches!(error, StoreError::Rejected(_)),
            Self::Workspace(_) | Self::Profile(_) | Self::Gone(_) => return false,
        };
        WANTS.iter().any(|want| refused.raw_os_error() == Some(want.raw_os_error()))
    }
}
