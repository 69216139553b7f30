//! The exec stub: what runs in a worker's process before the worker does.
//!
//! It prepares session and directory, then waits for leave to start; without leave it ends and the
//! worker's program never ran. It talks to its runner over the socket that is its stdin, one JSON
//! value a line: `Orders` in, one byte as leave, `Report` out. The worker inherits none of it.

use crate::signals;
use nix::sys::signal::SigSet;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// Hidden verb of the binary that ends in [`stub_main`].
pub const STUB_VERB: &str = "__worker-stub";

/// The byte that gives leave to start the worker.
pub(crate) const LEAVE: u8 = b'g';

/// Longest orders read: the kernel's own bound on arguments and environment is 6 MiB, and JSON may
/// escape a byte as six.
const ORDERS_BYTES_MAX: u64 = 40 * 1024 * 1024;

/// What to run and how.
#[derive(Serialize, Deserialize)]
pub struct Orders {
    /// Program and arguments; the program is looked up in the `PATH` of `env`.
    pub argv: Vec<String>,
    /// The complete environment: nothing is inherited (D28).
    pub env: Vec<(String, String)>,
    /// Working directory.
    pub cwd: PathBuf,
    /// Process number of the runner, which must still be the parent.
    pub runner: i32,
}

impl fmt::Debug for Orders {
    /// Values of the environment may be secrets and are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Orders")
            .field("argv", &self.argv)
            .field("env", &names)
            .field("cwd", &self.cwd)
            .field("runner", &self.runner)
            .finish()
    }
}

/// What the stub says to its runner. After `Starting` the end of the stream means that the worker's
/// program has taken over.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) enum Report {
    /// Everything is prepared and leave was given.
    Starting,
    /// The worker cannot be started.
    Failed {
        /// What was attempted.
        stage: Stage,
        /// The kernel's error number, 0 where it was not the kernel.
        errno: i32,
    },
}

/// A step of the stub.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Own session, and death with the runner.
    Session,
    /// Entering the working directory.
    Directory,
    /// Becoming the worker's program.
    Exec,
}

/// The stub's whole life. Returns only if the worker was not started.
pub fn stub_main() -> ExitCode {
    match serve() {
        // Nobody is left to hear of an error: the runner is gone, or was told already.
        Ok(()) | Err(_) => ExitCode::from(127),
    }
}

fn serve() -> io::Result<()> {
    // The copy closes itself at exec, and that tells the runner that exec has happened.
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let mut socket = UnixStream::from(socket);
    let mut input = BufReader::new(socket.try_clone()?);
    let orders = read_orders(&mut input)?;
    if let Err((stage, error)) = prepare(&orders) {
        return report_failure(&mut socket, stage, &error);
    }
    let mut leave = [0];
    if input.read(&mut leave)? != 1 || leave[0] != LEAVE {
        return Ok(());
    }
    send(&mut socket, &Report::Starting)?;
    let error = become_worker(orders);
    report_failure(&mut socket, Stage::Exec, &error)
}

fn read_orders(input: &mut impl BufRead) -> io::Result<Orders> {
    let mut line = String::new();
    input.take(ORDERS_BYTES_MAX + 1).read_line(&mut line)?;
    if line.len() as u64 > ORDERS_BYTES_MAX {
        let why = format!("the orders are larger than {ORDERS_BYTES_MAX} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(serde_json::from_str(&line)?)
}

fn prepare(orders: &Orders) -> Result<(), (Stage, io::Error)> {
    session(orders.runner).map_err(|error| (Stage::Session, error))?;
    std::env::set_current_dir(&orders.cwd).map_err(|error| (Stage::Directory, error))
}

fn session(runner: i32) -> io::Result<()> {
    rustix::process::setsid()?;
    // Blocked signals outlive exec: whoever started the runner may have blocked some.
    SigSet::empty().thread_set_mask()?;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // A runner that died before the line above sends no signal any more.
    match rustix::process::getppid() {
        Some(parent) if parent.as_raw_pid() == runner => Ok(()),
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// Output goes where the stub's stderr goes. The stub's own stdout is not the worker's.
fn become_worker(orders: Orders) -> io::Error {
    let output = match rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3) {
        Ok(output) => output,
        Err(error) => return error.into(),
    };
    let Some((program, arguments)) = orders.argv.split_first() else {
        return io::ErrorKind::NotFound.into();
    };
    // Whoever started the runner may have left descriptors open to be inherited: secrets, locks.
    close_fds::set_fds_cloexec(3, &[]);
    signals::heed_ignored();
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(orders.env)
        .stdin(Stdio::null())
        .stdout(Stdio::from(output))
        .exec()
}

fn report_failure(socket: &mut UnixStream, stage: Stage, error: &io::Error) -> io::Result<()> {
    send(socket, &Report::Failed { stage, errno: error.raw_os_error().unwrap_or(0) })
}

fn send(socket: &mut UnixStream, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    socket.write_all(&line)
}

#[cfg(test)]
mod tests;
