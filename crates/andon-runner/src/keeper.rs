//! One run from start to end: register, release, watch, end, record.
//!
//! A runner ignores SIGTERM, SIGINT and SIGHUP: stopping or upgrading a dispatcher, or closing its
//! terminal, must not end workers. A run is ended through its board; a runner that has to go at
//! once is killed, and the kernel then kills its worker.

mod board;
mod ending;
mod watching;

use crate::identity::{Host, HostError};
use crate::limits::{self, Fence};
use crate::output::{Log, Pump};
use crate::signals;
use crate::spawn::{self, Pending, Running, StubProgram};
use crate::spec::{Ids, RunSpec};
use andon_core::id::BadName;
use andon_core::process::Process;
use andon_core::run::Exit;
use andon_core::text::with_causes;
use andon_store::{Store, StoreError};
use board::Board;
pub use board::RunBoard;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io;
use std::time::Instant;
use watching::Watching;

/// Why a runner could not keep its run to the end.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The spec names a task that cannot exist.
    #[error(transparent)]
    Spec(#[from] BadName),
    /// This host cannot be identified.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The kernel refused a property that a keeper needs.
    #[error("could not become a keeper: {doing}")]
    Process {
        /// What was attempted.
        doing: &'static str,
        /// First cause.
        source: io::Error,
    },
    /// The run could not be registered; its worker was not started.
    #[error("could not register the runner of {task}, run {run}")]
    Register {
        /// Task.
        task: String,
        /// Run.
        run: i64,
        /// First cause.
        source: Box<StoreError>,
    },
    /// The worker has ended and the board could not be told.
    #[error("could not record the end of {task}, run {run}: {exit}")]
    Unrecorded {
        /// Task.
        task: String,
        /// Run.
        run: i64,
        /// How the worker ended.
        exit: Exit,
        /// First cause.
        source: Box<StoreError>,
    },
    /// Processes of the run cannot be ended. The claim is not released.
    #[error("processes of {task}, run {run} cannot be ended: {survivors:?}")]
    Survivors {
        /// Task.
        task: String,
        /// Run.
        run: i64,
        /// Their numbers.
        survivors: Vec<i32>,
    },
}

/// A run whose worker is prepared and held, while its board is being opened.
#[derive(Debug)]
pub struct Prepared {
    spec: RunSpec,
    ids: Ids,
    runner: Process,
    /// The text says why the worker cannot be started.
    pending: Result<(Pending, Log), String>,
}

/// Makes the calling process a keeper and prepares the worker. To be called on the main thread: the
/// worker dies with the thread that prepared it.
pub fn prepare(spec: RunSpec, stub: &StubProgram) -> Result<Prepared, KeepError> {
    become_keeper()?;
    if let Some(soft) = spec.open_files {
        let doing = "set its limit of open files";
        limits::allow_open_files(soft).map_err(|source| KeepError::Process { doing, source })?;
    }
    let ids = spec.ids()?;
    let host = Host::read()?;
    let runner = host
        .this_process()
        .map_err(|source| KeepError::Process { doing: "identify itself", source })?;
    let pending = prepare_worker(&spec, &host, stub);
    Ok(Prepared { spec, ids, runner, pending })
}

/// Prepares and keeps a run in one go.
pub fn keep(spec: RunSpec, store: &dyn Store) -> Result<(), KeepError> {
    prepare(spec, &StubProgram::this_binary())?.keep(&store)
}

impl Prepared {
    /// Keeps the run: returns once its process tree is gone and its end is recorded, or at once
    /// when the run is no longer the task's current one.
    pub fn keep(self, store: &dyn RunBoard) -> Result<(), KeepError> {
        let Self { spec, ids, runner, pending } = self;
        let board = Board { store, ids };
        let (pending, log) = match pending {
            Ok(prepared) => prepared,
            Err(why) => return ending::record_spawn_failure(&spec, &board, None, why),
        };
        let worker = pending.process.clone();
        let pid = worker.pid;
        andon_faults::pass("runner.prepared");
        match board.register(runner, worker) {
            Ok(()) => andon_faults::pass("runner.registered"),
            // The run went on without us; dropping the held worker ends the matter.
            Err(StoreError::Rejected(_)) => return Ok(()),
            Err(source) => return Err(register_error(&spec, source)),
        }
        let fence = Fence::put_up(spec.limits, spec.cgroup_root.as_deref(), &spec.mark, pid);
        match pending.release() {
            Ok(running) => run(&spec, &board, running, log, fence),
            Err(error) => {
                ending::record_spawn_failure(&spec, &board, Some(pid), with_causes(&error))
            }
        }
    }
}

fn run(
    spec: &RunSpec,
    board: &Board<'_>,
    running: Running,
    log: Log,
    mut fence: Fence,
) -> Result<(), KeepError> {
    let registered = Instant::now();
    let Running { process, pidfd, output } = running;
    let pump = match Pump::start(output, log) {
        Ok(pump) => pump,
        Err(error) => return ending::without_output(spec, board, &process, &error),
    };
    andon_faults::pass("runner.released");
    let why = Watching::new(spec, board, registered).until_end(&pidfd, &mut fence, &pump);
    andon_faults::pass("runner.worker-ended");
    ending::end(spec, board, ending::Remains { process, fence, pump, why })
}

fn prepare_worker(
    spec: &RunSpec,
    host: &Host,
    stub: &StubProgram,
) -> Result<(Pending, Log), String> {
    // The log first: without it a worker's output would be lost, and with it the reason of a crash.
    let log = Log::open(&spec.log, spec.rotation()).map_err(|error| error.to_string())?;
    let pending =
        spawn::prepare(host, stub, spec.command()).map_err(|error| with_causes(&error))?;
    Ok((pending, log))
}

fn become_keeper() -> Result<(), KeepError> {
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        // Unlike an ignored or a blocked signal, a handled one is not inherited by the worker.
        signals::heed(signal)
            .map_err(|source| KeepError::Process { doing: "handle signals", source })?;
    }
    match rustix::process::setsid() {
        // Refused to the leader of a process group; being one keeps a terminal's signals away, too.
        Ok(_) | Err(rustix::io::Errno::PERM) => {}
        Err(error) => return Err(process_error("start a session", error)),
    }
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| process_error("adopt orphans", error))
}

fn process_error(doing: &'static str, error: rustix::io::Errno) -> KeepError {
    KeepError::Process { doing, source: error.into() }
}

fn register_error(spec: &RunSpec, source: StoreError) -> KeepError {
    KeepError::Register { task: spec.task.clone(), run: spec.run, source: Box::new(source) }
}
