//! Real processes with a limit to everything that is waited for.
//!
//! Output is read by threads, so that a wait is a wait on a channel and nothing is polled. It must
//! not know either program.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A running process. It is killed when this value goes away.
pub(crate) struct Running {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    complaints: Option<JoinHandle<String>>,
}

/// What a process left when it ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let complaints = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let stdin = child.stdin.take();
        Self { name, child, stdin, lines, complaints: Some(complaints) }
    }

    /// Says one line to the process.
    pub(crate) fn tell(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    /// The next line that begins so; others are passed over.
    pub(crate) fn line_with(&mut self, beginning: &str, limit: Duration) -> String {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.starts_with(beginning) => return line,
                Ok(_) => {}
                Err(why) => self.fail(&format!("no line {beginning:?} ({why})")),
            }
        }
    }

    /// The process's own end, with all that it wrote and nobody has read.
    pub(crate) fn end(mut self, limit: Duration) -> Ended {
        self.stdin = None;
        let deadline = Instant::now() + limit;
        let mut stdout = String::new();
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => stdout.extend([line.as_str(), "\n"]),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => self.fail("no end"),
            }
        }
        let code = self.child.wait().unwrap().code();
        let stderr = self.complaints.take().unwrap().join().unwrap();
        Ended { code, stdout, stderr }
    }

    /// Kills a process that was to run until now.
    pub(crate) fn kill(mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            self.fail(&format!("{status} before its time"));
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn fail(&mut self, what: &str) -> ! {
        // An error means that it has ended already.
        drop(self.child.kill());
        let said = self.complaints.take().map(|thread| thread.join().unwrap());
        panic!("{}: {what}; it wrote: {}", self.name, said.unwrap_or_default());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a process to its end.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Ended {
    Running::start(command).end(limit)
}
