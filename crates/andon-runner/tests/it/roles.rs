//! Child processes of the tests: this very binary, started again with one ignored test as its whole
//! job. A keeper reaps whatever its process has for children, so it cannot share one with tests.

use andon_runner::identity::{Host, PidFd};
use andon_runner::spawn::{Running, StubProgram, WorkerCommand, prepare};
use andon_runner::wait;
use rustix::event::{PollFd, PollFlags};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Bound on any wait of a test: far above what a busy machine takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Defines a test whose body runs alone in a process of its own.
macro_rules! alone {
    ($(fn $name:ident() $body:block)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn holds() {
                $crate::roles::run_alone(concat!(module_path!(), "::body"));
            }

            #[test]
            #[ignore = "the body of its twin, which runs it in a process of its own"]
            fn body() $body
        }
    )+};
}
pub(crate) use alone;

#[test]
#[ignore = "the stub's process of other tests"]
fn stub() {
    andon_runner::stub::stub_main();
}

/// A process that runs one ignored test of this binary.
pub(crate) fn role(path: &str) -> Command {
    let name = path.split_once("::").map_or(path, |(_, name)| name);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", "--test-threads=1", name]);
    command
}

pub(crate) fn run_alone(path: &str) {
    let output = role(path).output().unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let held = output.status.success() && out.contains("1 passed");
    assert!(held, "{}\n{out}\n{err}", output.status);
}

pub(crate) fn stub_program() -> StubProgram {
    let role = role("it::roles::stub");
    StubProgram {
        program: role.get_program().into(),
        args: role.get_args().map(Into::into).collect(),
        env: Vec::new(),
    }
}

pub(crate) fn shell(script: &str, cwd: &Path, mark: &str) -> WorkerCommand {
    WorkerCommand {
        argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
        env: vec![("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())],
        cwd: cwd.to_owned(),
        mark: mark.to_owned(),
    }
}

/// Starts a worker that runs a shell script.
pub(crate) fn start(script: &str, mark: &str) -> Running {
    let host = Host::read().unwrap();
    prepare(&host, &stub_program(), shell(script, Path::new("/"), mark)).unwrap().release().unwrap()
}

/// Reads lines of a worker's output; it keeps running.
pub(crate) fn read_lines(running: &Running, count: usize) -> Vec<String> {
    let mut reader = BufReader::new(std::fs::File::from(running.output.try_clone().unwrap()));
    let mut lines = Vec::new();
    for _ in 0..count {
        let mut line = String::new();
        assert!(reader.read_line(&mut line).unwrap() > 0, "output ended after {lines:?}");
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Waits for a process to end.
pub(crate) fn await_end(pidfd: &PidFd) {
    let mut fds = [PollFd::new(pidfd, PollFlags::IN)];
    let ended = wait::until(&mut fds, Some(Instant::now() + LIMIT)).unwrap();
    assert_eq!(ended, 1, "process {} lives on", pidfd.pid);
}

/// Waits until something holds that no descriptor tells of.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}");
        std::thread::yield_now();
    }
}
