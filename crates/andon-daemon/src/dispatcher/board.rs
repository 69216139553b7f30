//! What all phases work with: the open board, this host, and the dispatcher's own identity.

use super::Options;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::id::{BoardSlug, ClaimLock, OpId, RunId, TaskId};
use andon_core::process::Process;
use andon_core::time::Timestamp;
use andon_runner::identity::{Host, HostError, Liveness};
use andon_store::{Applied, Request, Store, StoreError};
use std::io;
use std::sync::Arc;

/// This process cannot be told apart from others, so nothing it starts could be, either.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The process.
    #[error("cannot identify this process")]
    Process(#[source] io::Error),
}

/// Who this dispatcher is.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// This host.
    pub(super) host: Host,
    /// This process.
    pub(super) process: Process,
    /// Name of the host as it stands in claim locks.
    pub(super) host_name: String,
}

impl Identity {
    pub(super) fn read() -> Result<Self, IdentityError> {
        let host = Host::read()?;
        let process = host.this_process().map_err(IdentityError::Process)?;
        let host_name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(Self { host, process, host_name })
    }

    pub(super) fn liveness(&self, process: &Process) -> Liveness {
        self.host.liveness(process)
    }
}

/// An open board. Cheap to clone: jobs take one along.
#[derive(Clone)]
pub(super) struct Board {
    pub(super) store: Arc<dyn Store>,
    pub(super) options: Arc<Options>,
    pub(super) identity: Arc<Identity>,
}

impl Board {
    pub(super) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    pub(super) fn request(&self, command: impl Into<Command>) -> Request {
        let random = [(); 3].map(|()| (self.options.random)().to_le_bytes());
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&random.as_flattened()[..10]);
        let millis = u64::try_from(self.now().0).unwrap_or(0).saturating_mul(1000);
        let op = OpId::new(millis, bytes);
        Request { op, actor: Actor::dispatcher(), command: command.into() }
    }

    pub(super) fn apply(&self, command: impl Into<Command>) -> Result<Applied, StoreError> {
        self.store.apply(self.request(command))
    }

    /// A lock unlike every other.
    pub(super) fn new_lock(&self) -> ClaimLock {
        let random = || u64::from((self.options.random)());
        let pid = self.identity.process.pid.unsigned_abs();
        ClaimLock::new(&self.identity.host_name, pid, random() << 32 | random())
    }
}

/// The mark of a run's processes, legal as a file name. It is made of what stays as it is while
/// they live, so that any later dispatcher can look for them: not of the board's path, which
/// may be spelled in several ways and may change. `claimer` is the process that claimed the
/// run; with the board's name it tells copies of a board apart.
pub(super) fn mark(board: &BoardSlug, task: &TaskId, run: RunId, claimer: &Process) -> String {
    let Process { pid, started, .. } = claimer;
    format!("{task}.{run}.{board}.{pid}.{started}")
}
