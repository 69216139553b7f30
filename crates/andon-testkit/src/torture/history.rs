//! What every process did, by its own word, held against the board that is left: the checker of
//! histories. It reads no file and asks nobody; [`record`] is how a history is written down and
//! read again.
//!
//! Work grows with the history and its logarithm, so that an hour of a busy board is a matter of
//! seconds.

pub mod answer;
mod lives;
mod named;
mod order;
pub mod record;
mod replay;

use andon_core::invariant::{self, BoardSnapshot, Grade};
use std::collections::{HashMap, HashSet};
use std::fmt;

pub use record::{History, Life, Log, Record, Trace};

/// What a process asked for and what it heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Whose: the name of the log.
    pub who: String,
    /// Its identity, 32 hexadecimal digits, unlike that of every other.
    pub id: String,
    /// Verb.
    pub verb: String,
    /// Task that it was about, where it named one.
    pub task: Option<String>,
    /// Run that it named as its own.
    pub run: Option<i64>,
    /// When it began, in nanoseconds of the clock that all processes share.
    pub start: u64,
    /// When it ended; absent where its process did not live to see it.
    pub end: Option<u64>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an operation, as far as its process knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was acknowledged.
    Done(Answer),
    /// It was refused or failed: nothing of it may be on the board. The text says why.
    Failed(String),
    /// Nobody heard the answer.
    Unknown(String),
}

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Place in the board's history: the last event that it wrote.
    pub event: Option<i64>,
    /// Task that it was about.
    pub task: Option<String>,
    /// Run that it opened.
    pub run: Option<i64>,
    /// What it left on the board, by which it is found again.
    pub trace: Trace,
}

/// A board after everything has ended.
#[derive(Debug, Clone, Default)]
pub struct Remains {
    /// Tasks, runs, links, events.
    pub board: BoardSnapshot,
    /// Operations that the board itself has recorded.
    pub recorded: HashSet<String>,
    /// Ids of operations in texts: titles, comments, summaries, reasons.
    pub written: HashSet<String>,
    /// Comments of each task.
    pub comments: HashMap<String, usize>,
}

/// What is claimed of every history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Claim {
    /// What was acknowledged is there.
    Kept,
    /// What failed is not there.
    Absent,
    /// No two acknowledged operations have one place in the history.
    Unique,
    /// An operation that began after another had ended stands after it in the history.
    Ordered,
    /// A claim is given while nobody else holds the task.
    Exclusive,
    /// What was written for a run was written while the run held its task.
    Fenced,
    /// No two workers of a task lived at the same time.
    OneWorker,
    /// A task becomes ready, and is taken, only after all that it waits for.
    Released,
    /// The board is what its events say.
    Replayed,
    /// What must hold on every board holds.
    Invariant,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "acknowledged and lost",
            Self::Absent => "failed and yet there",
            Self::Unique => "two operations in one place",
            Self::Ordered => "out of order",
            Self::Exclusive => "claimed twice",
            Self::Fenced => "written for a run that held nothing",
            Self::OneWorker => "two workers at once",
            Self::Released => "not waited for",
            Self::Replayed => "not what the events say",
            Self::Invariant => "an invariant is broken",
        })
    }
}

/// A claim that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub claim: Claim,
    /// Where.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.claim, self.what)
    }
}

/// What was looked at and what was found.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Everything that does not hold.
    pub findings: Vec<Finding>,
    /// How often each claim was put to the test.
    pub checked: HashMap<Claim, u64>,
}

impl Verdict {
    /// Puts a claim to the test: a text says where it does not hold.
    fn judge(&mut self, claim: Claim, broken: Option<String>) {
        *self.checked.entry(claim).or_default() += 1;
        self.findings.extend(broken.map(|what| Finding { claim, what }));
    }

    /// All tests together.
    pub fn checks(&self) -> u64 {
        self.checked.values().sum()
    }

    /// Findings about one claim.
    pub fn count(&self, claim: Claim) -> usize {
        self.findings.iter().filter(|finding| finding.claim == claim).count()
    }
}

/// Checks a history against what is left. Every claim but those that only hold where Andon alone
/// wrote: those are [`check_events`].
pub fn check(history: &History, remains: &Remains) -> Verdict {
    let mut verdict = Verdict::default();
    named::check(history, remains, &mut verdict);
    order::check(&history.operations, &mut verdict);
    lives::check(history, remains, &mut verdict);
    for broken in invariant::check(&remains.board) {
        // What another program may leave behind is no fault of ours; the rest is.
        if broken.grade == Grade::Broken {
            verdict.judge(Claim::Invariant, Some(format!("{}: {}", broken.name, broken.what)));
        }
    }
    *verdict.checked.entry(Claim::Invariant).or_default() += invariant::all().count() as u64;
    verdict
}

/// Checks what the events say: owners, releases, and that the board is what comes of them.
pub fn check_events(history: &History, remains: &Remains, verdict: &mut Verdict) {
    let replayed = replay::play(remains, verdict);
    replayed.compare(remains, verdict);
    replayed.fences(&history.operations, verdict);
}

#[cfg(test)]
mod tests;
