//! What a runner says to its board and asks of it. Knows the commands, not the processes.

use crate::spec::Ids;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::finish_run::FinishRun;
use andon_core::command::heartbeat::{Heartbeat, Sign};
use andon_core::command::register::Register;
use andon_core::id::{OpId, RunId};
use andon_core::process::Process;
use andon_core::run::Run;
use andon_core::time::Timestamp;
use andon_store::{Read, Request, Store, StoreError, Watch};
use rustix::rand::{GetRandomFlags, getrandom};
use std::thread::park_timeout;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// First pause before a refused write is tried again; doubled each time.
const RETRY_FIRST: Duration = Duration::from_millis(100);

/// Longest pause between two tries: soon enough after a board has come back.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// How long registering is tried. The worker has not started, so giving up loses nothing but the
/// attempt; a board that is busy for longer is better served by fewer askers.
pub(super) const REGISTER_WAIT: Duration = Duration::from_secs(60);

/// All that a runner asks of a store.
pub trait RunBoard {
    /// Carries out one command; see [`Store::apply`].
    fn apply(&self, request: Request) -> Result<(), StoreError>;

    /// Reads the run.
    fn run_get(&self, id: RunId) -> Result<Option<Run>, StoreError>;

    /// Starts watching for commits.
    fn watch(&self) -> Result<Box<dyn Watch>, StoreError>;
}

impl RunBoard for &dyn Store {
    fn apply(&self, request: Request) -> Result<(), StoreError> {
        Store::apply(*self, request).map(drop)
    }

    fn run_get(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        Read::run_get(*self, id)
    }

    fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        Store::watch(*self)
    }
}

/// A runner's door to its board.
pub(super) struct Board<'a> {
    pub(super) store: &'a dyn RunBoard,
    pub(super) ids: Ids,
}

/// What the board says of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) wish: Wish,
    pub(super) last_heartbeat: Option<Timestamp>,
}

/// What is to become of the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// It goes on.
    Run,
    /// Somebody wants the run ended.
    Stop,
    /// The run is over on the board, or no longer the task's current one.
    Leave,
}

impl Board<'_> {
    /// Records runner and worker, before the worker may start.
    pub(super) fn register(&self, runner: Process, worker: Process) -> Result<(), StoreError> {
        let Ids { task, run, .. } = self.ids.clone();
        self.persist(Register { task, run, runner, worker }.into(), REGISTER_WAIT)
    }

    /// Renews the lease, once: the next try comes with the next turn of the keeper's loop.
    pub(super) fn renew(&self) -> Result<(), StoreError> {
        let Ids { task, run, lock } = self.ids.clone();
        let beat =
            Heartbeat { task, expected_run: Some(run), lock: Some(lock), sign: Sign::Keeper };
        self.store.apply(request(beat.into()))
    }

    /// Records the end. Tried again as long as given: the exit must not be lost.
    pub(super) fn finish(&self, end: FinishRun, patience: Duration) -> Result<(), StoreError> {
        self.persist(end.into(), patience)
    }

    /// Looks how the run stands.
    pub(super) fn standing(&self) -> Result<Standing, StoreError> {
        let run = self.store.run_get(self.ids.run)?;
        let Some(run) = run.filter(|run| run.is_open()) else {
            return Ok(Standing { wish: Wish::Leave, last_heartbeat: None });
        };
        let stopped = run.keeper.as_ref().is_some_and(|keeper| keeper.stop.is_some());
        let wish = if stopped { Wish::Stop } else { Wish::Run };
        Ok(Standing { wish, last_heartbeat: run.last_heartbeat_at })
    }

    /// Applies one request until it is answered. Its id stays the same, so that a commit whose
    /// outcome was unknown is not done twice.
    fn persist(&self, command: Command, patience: Duration) -> Result<(), StoreError> {
        let request = request(command);
        let deadline = Instant::now() + patience;
        let mut pause = RETRY_FIRST;
        loop {
            let error = match self.store.apply(request.clone()) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if !passes(&error) || left.is_zero() {
                return Err(error);
            }
            // Nothing could wake a runner earlier: that a board is free again is not announced.
            park_timeout(pause.min(left));
            pause = (pause * 2).min(RETRY_MAX);
        }
    }
}

/// Whether trying again may help without anybody's doing.
fn passes(error: &StoreError) -> bool {
    match error {
        StoreError::Busy { .. } | StoreError::Unavailable { .. } | StoreError::Unknown { .. } => {
            true
        }
        StoreError::Rejected(_)
        | StoreError::Missing { .. }
        | StoreError::Refused { .. }
        | StoreError::Corrupt(_)
        | StoreError::Replaced { .. }
        | StoreError::Internal(_) => false,
    }
}

fn request(command: Command) -> Request {
    Request { op: fresh_op(), actor: Actor::runner(), command }
}

fn fresh_op() -> OpId {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut random = [0; 10];
    // Fails only before the kernel has entropy, early in a boot. The process number, and a clock
    // in nanoseconds, then make an id that is still unlike others.
    if getrandom(&mut random[..], GetRandomFlags::empty()).is_err() {
        random[..4].copy_from_slice(&std::process::id().to_be_bytes());
        random[4..8].copy_from_slice(&since.subsec_nanos().to_be_bytes());
    }
    OpId::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX), random)
}
