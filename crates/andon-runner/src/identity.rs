//! Who a process is on this host, and whether it still lives (D25, D27).
//!
//! A process number alone proves nothing: it counts only with machine, boot and start time.

use andon_core::process::Process;
use andon_proc::process;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Inode of the kernel's first process namespace (`PROC_PID_INIT_INO`).
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";

/// What is known of a process that was once seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It lives, or its end could not be proven.
    Alive,
    /// It has ended; its number may belong to another one.
    Gone,
    /// It lived before this boot, so it has ended.
    OtherBoot,
    /// It belongs to another host; from here nothing can be said.
    ForeignHost,
}

/// This host and its present boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Stored machine id, not the host's name, which changes while processes live. Inside a process
    /// namespace of its own the namespace is part of it: containers of one image share the rest.
    pub machine: String,
    /// Boot id.
    pub boot: String,
}

/// This host cannot be told apart, so no process on it can be.
#[derive(Debug, thiserror::Error)]
#[error("could not read {path} to identify this host")]
pub struct HostError {
    path: &'static str,
    source: io::Error,
}

impl Host {
    /// Reads the identity of this host. Fails where `/proc` is not readable.
    pub fn read() -> Result<Self, HostError> {
        let read = |path| fs::read_to_string(path).map_err(|source| HostError { path, source });
        let boot = read("/proc/sys/kernel/random/boot_id")?.trim().to_owned();
        read("/proc/self/stat")?;
        let namespace = fs::read_link("/proc/self/ns/pid")
            .map_err(|source| HostError { path: "/proc/self/ns/pid", source })?;
        let stored = fs::read_to_string("/etc/machine-id").unwrap_or_default();
        let mut machine = match stored.trim() {
            "" | "uninitialized" => rustix::system::uname().nodename().to_string_lossy().into(),
            id => id.to_owned(),
        };
        if namespace.as_os_str() != FIRST_PID_NAMESPACE {
            machine.push('+');
            machine.push_str(&namespace.to_string_lossy());
        }
        Ok(Self { machine, boot })
    }

    /// Identifies a living process by its number.
    pub fn process(&self, pid: i32) -> io::Result<Process> {
        let started = process::read(pid)?.started;
        Ok(Process { machine: self.machine.clone(), boot: self.boot.clone(), pid, started })
    }

    /// Identifies the calling process.
    pub fn this_process(&self) -> io::Result<Process> {
        self.process(rustix::process::getpid().as_raw_pid())
    }

    /// Says whether a process lives. Only proof counts as its end: where `/proc` cannot be read for
    /// another reason than its absence, it counts as alive.
    pub fn liveness(&self, process: &Process) -> Liveness {
        if process.machine != self.machine {
            return Liveness::ForeignHost;
        }
        if process.boot != self.boot {
            return Liveness::OtherBoot;
        }
        match process::read(process.pid) {
            Ok(stat) if stat.started != process.started || stat.is_dead() => Liveness::Gone,
            Ok(_) => Liveness::Alive,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Liveness::Gone,
            Err(_) => Liveness::Alive,
        }
    }

    /// Opens a living process of this host; `None` when it is gone or not of this host and boot.
    pub fn open(&self, process: &Process) -> Option<PidFd> {
        let here = process.machine == self.machine && process.boot == self.boot;
        here.then(|| PidFd::open(process.pid, process.started).ok().flatten()).flatten()
    }
}

/// A hold on one process: signals through it cannot strike another one of the same number.
#[derive(Debug)]
pub struct PidFd {
    fd: OwnedFd,
    /// Process number: for messages, and to tell it from other children while it is not reaped.
    pub pid: i32,
}

impl PidFd {
    /// Opens the process of this number and start time; `None` when there is none. The start time
    /// is read after opening: were it read before, the number could change hands in between.
    pub fn open(pid: i32, started: u64) -> io::Result<Option<Self>> {
        let Some(raw) = (pid > 0).then(|| Pid::from_raw(pid)).flatten() else {
            return Ok(None);
        };
        let fd = match pidfd_open(raw, PidfdFlags::empty()) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match process::read(pid) {
            Ok(stat) if stat.started == started => Ok(Some(Self { fd, pid })),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a signal. `Ok` also when the process has ended meanwhile.
    pub fn signal(&self, signal: rustix::process::Signal) -> io::Result<()> {
        match rustix::process::pidfd_send_signal(&self.fd, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for PidFd {
    /// Readable once the process has ended.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
