//! A run: one attempt at a task, and what its keeper knows of it.

use crate::id::{RunId, TaskId};
use crate::process::Process;
use crate::task::{Claim, Status, words};
use crate::time::{Seconds, Timestamp};
use std::fmt;

/// JSON text, stored and passed on as it is. Core never looks inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText(pub String);

words! {
    /// How a run ended (board reference §11); `cancelled` is Andon's own.
    RunOutcome {
        /// Finished.
        Completed = "completed",
        /// Could not go on.
        Blocked = "blocked",
        /// Parked.
        Scheduled = "scheduled",
        /// Taken away from its holder.
        Reclaimed = "reclaimed",
        /// Ended by somebody's wish.
        Cancelled = "cancelled",
        /// Ran too long.
        TimedOut = "timed_out",
        /// Gave no sign of life.
        Stale = "stale",
        /// Died.
        Crashed = "crashed",
        /// Throttled by its provider.
        RateLimited = "rate_limited",
        /// Could not be started.
        SpawnFailed = "spawn_failed",
        /// The failure that opened the breaker.
        GaveUp = "gave_up",
    }
}

/// A run as the board holds it. Texts of other programs are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Id, and fencing token.
    pub id: RunId,
    /// Task.
    pub task: TaskId,
    /// Profile that did it.
    pub profile: Option<String>,
    /// Copied from the task.
    pub step_key: Option<String>,
    /// `running` while open.
    pub status: String,
    /// Holder while open.
    pub claim: Option<Claim>,
    /// Process number while open.
    pub worker_pid: Option<i64>,
    /// Bound on the run.
    pub max_runtime: Option<Seconds>,
    /// Last sign of life.
    pub last_heartbeat_at: Option<Timestamp>,
    /// Begin.
    pub started_at: Timestamp,
    /// End; absent while open.
    pub ended_at: Option<Timestamp>,
    /// How it ended, in a word.
    pub outcome: Option<String>,
    /// Hand-off text.
    pub summary: Option<String>,
    /// Hand-off data, a JSON object.
    pub metadata: Option<JsonText>,
    /// What went wrong.
    pub error: Option<String>,
    /// What Andon's runner knows; absent for claims of other programs and of people.
    pub keeper: Option<Keeper>,
}

impl Run {
    /// Whether the run has not ended.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// A run's process side. It outlives the run's own end until the process tree is confirmed gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    /// Status that the claim was taken from, to which a failed run returns (B19).
    pub came_from: Status,
    /// Dispatcher that claimed.
    pub claimer: Process,
    /// Runner, once registered.
    pub runner: Option<Process>,
    /// Worker, once registered.
    pub worker: Option<Process>,
    /// Wish to end the run.
    pub stop: Option<Stop>,
    /// When the whole process tree was confirmed gone.
    pub gone_at: Option<Timestamp>,
}

words! {
    /// Where a stopped run's task goes.
    StopTo {
        /// Parked until somebody unblocks it.
        Blocked = "blocked",
        /// To be tried again.
        Ready = "ready",
        /// Put away.
        Archived = "archived",
    }
}

/// A wish that a run be ended, carried out by its runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Where the task goes once the process tree is gone.
    pub to: StopTo,
    /// Why.
    pub reason: Option<String>,
    /// Who wished it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How a worker ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It never began; the text says why.
    SpawnFailed(String),
    /// Ended by its runner for breaking a limit.
    Limit(Limit),
    /// Nobody saw the end: its runner died, too. The text says what was found.
    Lost(String),
    /// Something else ended it or kept it from starting: a dispatcher that died, a host that was
    /// restarted. That says nothing about the task, so it is not counted against it.
    Interrupted(String),
}

/// The limit that a run broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Wall time.
    Time {
        /// How long it ran.
        elapsed: Seconds,
        /// How long it may run.
        limit: Seconds,
    },
    /// Memory, in KiB.
    Memory {
        /// What it used.
        used_kb: u64,
        /// What it may use.
        limit_kb: u64,
    },
    /// Processor time.
    Cpu {
        /// What it may use.
        limit: Seconds,
    },
    /// No output and no heartbeat.
    Idle {
        /// How long it was silent.
        silent: Seconds,
    },
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(code) => write!(f, "exited with code {code}"),
            Exit::Signal(signal) => write!(f, "killed by signal {signal}"),
            Exit::SpawnFailed(why) => write!(f, "could not start: {why}"),
            Exit::Limit(Limit::Time { elapsed, limit }) => {
                write!(f, "elapsed {elapsed} > limit {limit}")
            }
            Exit::Limit(Limit::Memory { used_kb, limit_kb }) => {
                write!(f, "used {used_kb} KiB of memory, limit {limit_kb} KiB")
            }
            Exit::Limit(Limit::Cpu { limit }) => write!(f, "used its processor time of {limit}"),
            Exit::Limit(Limit::Idle { silent }) => write!(f, "no sign of life for {silent}"),
            Exit::Lost(what) => write!(f, "lost: {what}"),
            Exit::Interrupted(what) => write!(f, "interrupted: {what}"),
        }
    }
}

/// What a run's process tree used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Processor time, user and system, in milliseconds.
    pub cpu_ms: u64,
    /// Largest resident size of one process, in KiB.
    pub max_rss_kb: u64,
}

/// What a worker's clean exit means when it said nothing else; a profile decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExitZero {
    /// The task is done.
    Completes,
    /// The worker forgot to report: a protocol violation.
    Violates,
}

/// How the process tree was ended, as the peer's events record it (dispatch reference §5.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Termination {
    /// The worker's process number.
    pub pid: Option<i64>,
    /// Whether it was on this host.
    pub host: HostReach,
    /// What was done.
    pub means: Means,
}

/// Whether a process can be reached from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostReach {
    /// Other host, or unknown.
    #[default]
    Elsewhere,
    /// This host.
    Local,
}

/// How a process tree came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Means {
    /// Nothing was attempted.
    #[default]
    NotAttempted,
    /// It was gone already, or went when asked.
    Asked,
    /// It had to be killed.
    Killed,
}
