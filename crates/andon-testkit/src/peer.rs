//! The peer, hermes-agent, in a process of its own: it carries out single calls of its board module
//! for as long as this value lives. It must not decide anything: what is called is the caller's.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use tempfile::TempDir;

/// The program that the interpreter runs.
const CALLS: &str = include_str!("peer/calls.py");

/// Longest wait for one answer. A call takes milliseconds, and the first one some seconds, which
/// are the peer's imports. Beyond this it hangs, which is a finding.
const ANSWER_WAIT: Duration = Duration::from_secs(60);

/// The peer at work on one board after the other.
pub struct Peer {
    child: Child,
    calls: ChildStdin,
    answers: Receiver<String>,
    /// Its home; it must outlive the process.
    _home: TempDir,
}

/// Circumstances of a call: what the peer sees when it looks beyond the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// The time.
    pub at: i64,
    /// Whether a process that it asks after lives.
    pub alive: bool,
    /// What becomes of a worker that it starts: `runs`, `ends` before it is noted, or `fails`.
    pub worker: &'static str,
}

/// What the peer answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What its function returned.
    Returned(Value),
    /// What its function raised: the class and its text.
    Raised(String, String),
}

/// The peer cannot be asked any more.
pub type Gone = Box<dyn std::error::Error>;

impl Peer {
    /// Starts it, with an interpreter that has it installed.
    pub fn start(python: &Path) -> Result<Self, Gone> {
        let home = tempfile::tempdir()?;
        let mut command = Command::new(python);
        command.args(["-c", CALLS]).env_clear().current_dir(home.path());
        command.env("HOME", home.path()).env("HERMES_HOME", home.path().join("home"));
        command.env("PATH", "/usr/bin:/bin").env("TZ", "UTC").env("PYTHONUTF8", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let calls = child.stdin.take().ok_or("the peer has no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("the peer has no output")?);
        let (sender, answers) = sync_channel(1);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, calls, answers, _home: home })
    }

    /// Turns to a board, and lets go of the one before.
    pub fn open(&mut self, board: &Path) -> Result<(), Gone> {
        self.own("open_board", &json!([board]))
    }

    /// Lets go of the board.
    pub fn close(&mut self) -> Result<(), Gone> {
        self.own("close_board", &json!([]))
    }

    fn own(&mut self, name: &str, arguments: &Value) -> Result<(), Gone> {
        let around = Around { at: 0, alive: false, worker: "runs" };
        match self.call(name, arguments, &json!({}), around)? {
            Answer::Returned(_) => Ok(()),
            Answer::Raised(class, text) => Err(format!("{name}: {class}: {text}").into()),
        }
    }

    /// Calls a function of its board module, or one of the two that the program adds: `dispatch`,
    /// a whole pass of its dispatcher, and `move_card`, what its dashboard does.
    pub fn call(
        &mut self,
        name: &str,
        arguments: &Value,
        options: &Value,
        around: Around,
    ) -> Result<Answer, Gone> {
        let Around { at, alive, worker } = around;
        let call = json!({
            "name": name, "arguments": arguments, "options": options,
            "at": at, "is_alive": alive, "worker": worker,
        });
        writeln!(self.calls, "{call}")?;
        self.calls.flush()?;
        let line = self.answers.recv_timeout(ANSWER_WAIT);
        let line = line.map_err(|error| format!("no answer of the peer to {call}: {error}"))?;
        let mut answer: Value = serde_json::from_str(&line)?;
        if let Some(class) = answer["error"].as_str() {
            let text = answer["text"].as_str().unwrap_or_default();
            return Ok(Answer::Raised(class.to_owned(), text.to_owned()));
        }
        Ok(Answer::Returned(answer["answer"].take()))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
