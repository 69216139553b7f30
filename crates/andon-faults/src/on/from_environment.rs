//! What the environment variable asks for, in a real process.
//!
//! A list such as `writer.committed=kill@3,planted:skip-the-guard`: at the third time that the
//! point is reached the process kills itself; and the mistake is made every time.

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Says what happens at which point.
pub const VARIABLE: &str = "ANDON_FAULTS";

/// Names a file for lines `POINT ACTION PID`, written before the action is taken: a test that finds
/// none there has interfered with nothing.
pub const SEEN: &str = "ANDON_FAULTS_SEEN";

/// What happens at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// The process dies as by SIGKILL: nothing is cleaned up.
    Kill,
    /// The process stops as by SIGSTOP, until somebody continues it.
    Stop,
    /// The system reports an input/output error.
    Fail,
}

/// One entry of the list.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) point: String,
    pub(super) action: Action,
    /// The time at which it happens; the first is 1.
    pub(super) at: u64,
    reached: AtomicU64,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) entries: Vec<Entry>,
    pub(super) planted: Vec<String>,
}

impl Plan {
    /// Reads the variable. A word that is not understood ends the process: a test that interferes
    /// with nothing would pass for the wrong reason.
    pub(super) fn parse(text: &str) -> Self {
        let mut plan = Self::default();
        for word in text.split(',').filter(|word| !word.is_empty()) {
            if let Some(mistake) = word.strip_prefix("planted:") {
                plan.planted.push(mistake.to_owned());
                continue;
            }
            let entry = Entry::parse(word);
            plan.entries.push(entry.unwrap_or_else(|| panic!("{VARIABLE}: what is {word:?}?")));
        }
        plan
    }
}

impl Entry {
    fn parse(word: &str) -> Option<Self> {
        let (point, action) = word.split_once('=')?;
        let (action, at) = action.split_once('@').unwrap_or((action, "1"));
        let action = match action {
            "kill" => Action::Kill,
            "stop" => Action::Stop,
            "fail" => Action::Fail,
            _ => return None,
        };
        let at = at.parse().ok()?;
        Some(Self { point: point.to_owned(), action, at, reached: AtomicU64::new(0) })
    }
}

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| Plan::parse(&env::var(VARIABLE).unwrap_or_default()))
}

pub(super) fn reach(point: &'static str) -> io::Result<()> {
    for entry in plan().entries.iter().filter(|entry| entry.point == point) {
        if entry.reached.fetch_add(1, Ordering::SeqCst) + 1 == entry.at {
            note(entry)?;
            act(entry.action)?;
        }
    }
    Ok(())
}

pub(super) fn planted(mistake: &'static str) -> bool {
    plan().planted.iter().any(|planted| planted == mistake)
}

pub(crate) fn hand_on(child: &mut Command) {
    for name in [VARIABLE, SEEN] {
        if let Some(value) = env::var_os(name) {
            child.env(name, value);
        }
    }
}

/// Whoever kills itself next has said so before.
fn note(entry: &Entry) -> io::Result<()> {
    let Some(path) = env::var_os(SEEN) else { return Ok(()) };
    let Entry { point, action, .. } = entry;
    let line = format!("{point} {action:?} {}\n", std::process::id());
    File::options().create(true).append(true).open(path)?.write_all(line.as_bytes())
}

fn act(action: Action) -> io::Result<()> {
    let own = rustix::process::getpid();
    match action {
        Action::Fail => Err(io::Error::from(rustix::io::Errno::IO)),
        Action::Kill => signal(own, rustix::process::Signal::KILL),
        Action::Stop => signal(own, rustix::process::Signal::STOP),
    }
}

#[expect(clippy::disallowed_methods, reason = "a process that ends or stops itself")]
fn signal(own: rustix::process::Pid, signal: rustix::process::Signal) -> io::Result<()> {
    rustix::process::kill_process(own, signal).map_err(io::Error::from)
}
