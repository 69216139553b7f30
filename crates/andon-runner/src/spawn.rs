//! The runner's side of starting a worker: prepared first, released later, never left over.

use crate::identity::{Host, PidFd};
use crate::stub::{LEAVE, Orders, Report, STUB_VERB, Stage};
use crate::tree::MARK_VARIABLE;
use crate::wait;
use andon_core::process::Process;
use rustix::event::{PollFd, PollFlags};
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};
use std::ffi::OsString;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Bound on each wait for the stub. Its steps take microseconds; a working directory on a dead
/// network mount can take for ever, and the lease is not renewed meanwhile.
const STUB_WAIT: Duration = Duration::from_secs(30);

/// Bound on the wait for a killed stub, which dies at once unless it hangs in the kernel.
const STUB_END_WAIT: Duration = Duration::from_secs(5);

/// How to run the stub.
#[derive(Debug, Clone)]
pub struct StubProgram {
    /// Binary.
    pub program: PathBuf,
    /// Arguments that end in [`crate::stub::stub_main`].
    pub args: Vec<OsString>,
    /// Environment; the worker gets nothing of it.
    pub env: Vec<(OsString, OsString)>,
}

impl StubProgram {
    /// The running binary itself, even if its file was replaced by an upgrade since.
    pub fn this_binary() -> Self {
        Self { program: "/proc/self/exe".into(), args: vec![STUB_VERB.into()], env: Vec::new() }
    }
}

/// A worker to be started.
#[derive(Clone)]
pub struct WorkerCommand {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Complete environment, beside the mark.
    pub env: Vec<(String, String)>,
    /// Working directory.
    pub cwd: PathBuf,
    /// Unique mark of the run, put into the environment.
    pub mark: String,
}

impl fmt::Debug for WorkerCommand {
    /// Values of the environment may be secrets and are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerCommand")
            .field("argv", &self.argv)
            .field("cwd", &self.cwd)
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

/// Why a worker did not start.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The profile's argv is empty.
    #[error("the worker's command is empty")]
    NoProgram,
    /// The kernel refused a process, a pipe or a socket.
    #[error("could not prepare a process for {program}")]
    Prepare {
        /// The worker's program.
        program: String,
        /// First cause.
        source: io::Error,
    },
    /// The stub said nothing, or nonsense, in time.
    #[error("{program}: its process ended or hung before it could start")]
    Silent {
        /// The worker's program.
        program: String,
    },
    /// The program is not there.
    #[error("{program}: not found")]
    NotFound {
        /// The worker's program.
        program: String,
    },
    /// The program's file is there, but what it names after `#!` or as its loader is not.
    #[error("{program}: its interpreter was not found")]
    NoInterpreter {
        /// The worker's program.
        program: String,
    },
    /// The working directory cannot be entered.
    #[error("workspace {cwd}: {source}")]
    Directory {
        /// Working directory.
        cwd: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// Any other refusal of the kernel.
    #[error("{program}: {source}")]
    Exec {
        /// The worker's program.
        program: String,
        /// Cause.
        source: io::Error,
    },
}

/// A prepared process that waits for leave. Dropped, it is killed: nothing of it is left.
#[derive(Debug)]
pub struct Pending {
    /// Who the worker will be: exec changes neither number nor start time.
    pub process: Process,
    held: Held,
    socket: UnixStream,
    output: OwnedFd,
    command: WorkerCommand,
}

/// A worker whose program has taken over its process.
#[derive(Debug)]
pub struct Running {
    /// Who it is.
    pub process: Process,
    /// Readable once it has ended.
    pub pidfd: PidFd,
    /// Reading end of its stdout and stderr.
    pub output: OwnedFd,
}

/// Prepares a worker. The stub works in parallel; its troubles are told by [`Pending::release`].
pub fn prepare(
    host: &Host,
    stub: &StubProgram,
    command: WorkerCommand,
) -> Result<Pending, SpawnError> {
    let Some(program) = command.argv.first().cloned() else {
        return Err(SpawnError::NoProgram);
    };
    start(host, stub, command).map_err(|source| SpawnError::Prepare { program, source })
}

fn start(host: &Host, stub: &StubProgram, command: WorkerCommand) -> io::Result<Pending> {
    let (output, output_end) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    let (socket, socket_end) = UnixStream::pair()?;
    let child = Command::new(&stub.program)
        .args(&stub.args)
        .env_clear()
        .envs(stub.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::from(OwnedFd::from(socket_end)))
        .stdout(Stdio::null())
        .stderr(Stdio::from(output_end))
        .spawn()?;
    let pid = child.id().cast_signed();
    let held = Held::new(pid)?;
    let process = host.process(pid)?;
    let mut pending = Pending { process, held, socket, output, command };
    pending.send_orders()?;
    Ok(pending)
}

impl Pending {
    fn send_orders(&mut self) -> io::Result<()> {
        self.socket.set_read_timeout(Some(STUB_WAIT))?;
        self.socket.set_write_timeout(Some(STUB_WAIT))?;
        let mut env = self.command.env.clone();
        env.push((MARK_VARIABLE.to_owned(), self.command.mark.clone()));
        let orders = Orders {
            argv: self.command.argv.clone(),
            env,
            cwd: self.command.cwd.clone(),
            runner: rustix::process::getpid().as_raw_pid(),
        };
        let mut line = serde_json::to_vec(&orders)?;
        line.push(b'\n');
        match self.socket.write_all(&line) {
            // The stub has ended already; what it said of the reason is still to be read.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            sent => sent,
        }
    }

    /// Gives leave, and returns once the worker's program runs or could not be started.
    pub fn release(mut self) -> Result<Running, SpawnError> {
        // A stub that has ended cannot be written to; its report says more than this error.
        self.socket.write_all(&[LEAVE]).ok();
        let mut starting = false;
        let mut reports = BufReader::new(&self.socket);
        // At most two: that it starts, and that exec failed.
        for _ in 0..2 {
            let mut line = String::new();
            let end = match reports.read_line(&mut line) {
                Ok(bytes) => bytes == 0,
                Err(_) => return Err(self.silent()),
            };
            if end {
                break;
            }
            match serde_json::from_str(&line) {
                Ok(Report::Starting) => starting = true,
                Ok(Report::Failed { stage, errno }) => return Err(self.failed(stage, errno)),
                Err(_) => return Err(self.silent()),
            }
        }
        if !starting {
            return Err(self.silent());
        }
        let pidfd = self.held.keep();
        Ok(Running { process: self.process, pidfd, output: self.output })
    }

    fn program(&self) -> String {
        self.command.argv.first().cloned().unwrap_or_default()
    }

    fn silent(&self) -> SpawnError {
        SpawnError::Silent { program: self.program() }
    }

    fn failed(&self, stage: Stage, errno: i32) -> SpawnError {
        let source = if errno == 0 {
            // The only refusal that does not come from the kernel.
            io::Error::new(io::ErrorKind::InvalidInput, "an argument or variable holds a zero byte")
        } else {
            io::Error::from_raw_os_error(errno)
        };
        let program = self.program();
        match stage {
            Stage::Session => SpawnError::Prepare { program, source },
            Stage::Directory => SpawnError::Directory { cwd: self.command.cwd.clone(), source },
            Stage::Exec if source.kind() == io::ErrorKind::NotFound => {
                let is_path = program.contains('/');
                if is_path && self.command.cwd.join(&program).exists() {
                    SpawnError::NoInterpreter { program }
                } else {
                    SpawnError::NotFound { program }
                }
            }
            Stage::Exec => SpawnError::Exec { program, source },
        }
    }
}

/// A child that dies with its holder's interest in it.
#[derive(Debug)]
struct Held(Option<PidFd>);

impl Held {
    /// The child is this process's own and not reaped, so its number cannot have changed hands.
    fn new(pid: i32) -> io::Result<Self> {
        let opened = andon_proc::process::read(pid).and_then(|stat| PidFd::open(pid, stat.started));
        match opened {
            Ok(Some(pidfd)) => Ok(Self(Some(pidfd))),
            // Without a hold the child would be left over: it is ended by its number.
            Ok(None) => Err(end_by_number(pid, io::ErrorKind::NotFound.into())),
            Err(error) => Err(end_by_number(pid, error)),
        }
    }

    fn keep(mut self) -> PidFd {
        self.0.take().expect("taken only here, and `self` is consumed")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(pidfd) = self.0.take() else { return };
        // An error here means that it has ended, or that nobody may end it; both end the matter.
        pidfd.signal(Signal::KILL).ok();
        let mut ended = [PollFd::new(&pidfd, PollFlags::IN)];
        wait::until(&mut ended, Some(Instant::now() + STUB_END_WAIT)).ok();
        waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG).ok();
    }
}

fn end_by_number(pid: i32, cause: io::Error) -> io::Error {
    if let Some(raw) = Pid::from_raw(pid) {
        rustix::process::kill_process(raw, Signal::KILL).ok();
        waitid(WaitId::Pid(raw), WaitIdOptions::EXITED).ok();
    }
    cause
}
