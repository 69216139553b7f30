//! A history as it is written down: one file for each process, one line and one write for each
//! record, so that what a killed process has said before stays said.

use super::{Answer, Operation, Outcome};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// What an acknowledged operation has left on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trace {
    /// Its id, in the board's own list of operations.
    Row,
    /// Its id, in a text.
    Text,
    /// Its event alone.
    Event,
    /// Nothing: all was so already.
    #[default]
    Nothing,
}

/// Where a worker stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It has begun.
    Begin,
    /// It is still there.
    Alive,
    /// It comes to its own end.
    End,
    /// It has met another one of its task.
    Clash,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "fields are those of `Operation`, `Answer` and `Life`")]
pub enum Record {
    /// An operation is about to be asked for.
    Start { at: u64, op: String, verb: String, task: Option<String>, run: Option<i64> },
    /// It was acknowledged.
    Done {
        at: u64,
        op: String,
        event: Option<i64>,
        task: Option<String>,
        run: Option<i64>,
        trace: Trace,
    },
    /// It was refused, or failed.
    Failed { at: u64, op: String, why: String },
    /// Its answer says that nobody knows.
    Unknown { at: u64, op: String, why: String },
    /// A worker speaks of itself.
    Life { at: u64, task: String, run: i64, pid: u32, phase: Phase },
}

/// Now, on the clock that all processes of a machine share and nobody sets.
pub fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let (seconds, nanoseconds) = (time.tv_sec.cast_unsigned(), time.tv_nsec.cast_unsigned());
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

/// The log of one process.
#[derive(Debug)]
pub struct Log(File);

impl Log {
    /// Begins a log. Nobody else writes to it.
    pub fn create(path: &Path) -> io::Result<Self> {
        File::options().create_new(true).append(true).open(path).map(Self)
    }

    /// Writes one line.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

/// The life of a worker, by its own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Task.
    pub task: String,
    /// Run.
    pub run: i64,
    /// Process number.
    pub pid: u32,
    /// First and last sign, in nanoseconds.
    pub span: (u64, u64),
    /// Whether it has met another worker of its task.
    pub clashed: bool,
}

/// Everything that all processes wrote down.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Operations, process by process, in the order in which they began.
    pub operations: Vec<Operation>,
    /// Workers.
    pub lives: Vec<Life>,
}

/// A log that cannot be read as one.
#[derive(Debug, thiserror::Error)]
pub enum BadLog {
    /// The file system refuses.
    #[error("cannot read the history in {path}")]
    Unreadable {
        /// File or directory.
        path: String,
        /// First cause.
        source: io::Error,
    },
    /// A line is not what was written.
    #[error("{who}, line {line}: {why}")]
    Line {
        /// Name of the log.
        who: String,
        /// Its number.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

impl History {
    /// Reads every log of a directory.
    pub fn read(directory: &Path) -> Result<Self, BadLog> {
        let unreadable =
            |source| BadLog::Unreadable { path: directory.display().to_string(), source };
        let mut history = Self::default();
        for entry in fs::read_dir(directory).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let text = fs::read_to_string(&path).map_err(unreadable)?;
            let who = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            history.add(&who, &text)?;
        }
        Ok(history)
    }

    /// Adds the log of one process. Its last line may be torn by the death of the process: then it
    /// was not said.
    pub fn add(&mut self, who: &str, text: &str) -> Result<(), BadLog> {
        let first = self.operations.len();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let Some(line) = line.strip_suffix('\n') else { break };
            let bad = |why: String| BadLog::Line { who: who.to_owned(), line: number, why };
            let record = serde_json::from_str(line).map_err(|error| bad(error.to_string()))?;
            match self.take(who, record, &mut places) {
                Ok(()) => {}
                Err(why) => return Err(bad(why.to_owned())),
            }
        }
        self.operations[first..].sort_by_key(|operation| operation.start);
        Ok(())
    }

    fn take(
        &mut self,
        who: &str,
        record: Record,
        places: &mut HashMap<String, usize>,
    ) -> Result<(), &'static str> {
        let (at, op, outcome) = match record {
            Record::Life { at, task, run, pid, phase } => {
                return self.live(at, (task, run, pid), phase);
            }
            Record::Start { at, op, verb, task, run } => {
                let outcome = Outcome::Unknown("its process ended".to_owned());
                let who = who.to_owned();
                places.insert(op.clone(), self.operations.len());
                let started =
                    Operation { who, id: op, verb, task, run, start: at, end: None, outcome };
                self.operations.push(started);
                return Ok(());
            }
            Record::Done { at, op, event, task, run, trace } => {
                (at, op, Outcome::Done(Answer { event, task, run, trace }))
            }
            Record::Failed { at, op, why } => (at, op, Outcome::Failed(why)),
            Record::Unknown { at, op, why } => (at, op, Outcome::Unknown(why)),
        };
        let place = places.remove(&op).ok_or("an operation ended that had not begun")?;
        self.operations[place].end = Some(at);
        self.operations[place].outcome = outcome;
        Ok(())
    }

    fn live(
        &mut self,
        at: u64,
        (task, run, pid): (String, i64, u32),
        phase: Phase,
    ) -> Result<(), &'static str> {
        let clashed = phase == Phase::Clash;
        if matches!(phase, Phase::Begin | Phase::Clash) {
            self.lives.push(Life { task, run, pid, span: (at, at), clashed });
            return Ok(());
        }
        // A log is that of one worker, so its life is the last one that was added.
        let life = self.lives.last_mut().filter(|life| life.pid == pid && life.run == run);
        life.ok_or("a worker speaks that had not begun")?.span.1 = at;
        Ok(())
    }
}
