//! Refusals: the rules said no. Nothing was written.

use crate::id::{BadName, ClaimLock, RunId, TaskId};
use crate::run::StopTo;
use crate::task::Status;
use crate::time::Timestamp;
use std::fmt::Write as _;

/// What the caller should make of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// The request itself is wrong; change it.
    Invalid,
    /// It names something that does not exist.
    NotFound,
    /// The board stands otherwise; look again.
    State,
    /// The caller's run or claim is no longer the current one; stop writing.
    Stale,
}

/// Why a command was refused. The text says what stands in the way; data, not prose, decides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// A field breaks its rule.
    #[error("{field} is not valid: {why}")]
    Invalid {
        /// Field.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A field is too long.
    #[error("{field} is too long: {bytes} bytes, at most {bytes_max}")]
    TooLong {
        /// Field.
        field: &'static str,
        /// Length given.
        bytes: usize,
        /// Length allowed.
        bytes_max: usize,
    },
    /// A name is not well formed.
    #[error(transparent)]
    BadName(#[from] BadName),
    /// No such task.
    #[error("no such task: {0}")]
    UnknownTask(TaskId),
    /// Tasks named beside the subject do not exist.
    #[error("unknown {role}: {}", listed(.ids))]
    UnknownTasks {
        /// What they were named as: `parent task(s)`.
        role: &'static str,
        /// The ids.
        ids: Vec<TaskId>,
    },
    /// The run does not exist.
    #[error("no such run: {0}")]
    UnknownRun(RunId),
    /// The task stands where the command does not apply.
    #[error("cannot {verb} {task}: it is {status}{}; this needs {}", by(.holder), words(.allowed))]
    WrongStatus {
        /// Command.
        verb: &'static str,
        /// Task.
        task: TaskId,
        /// Where it stands.
        status: Status,
        /// Who holds it.
        holder: Option<ClaimLock>,
        /// Where it would have to stand.
        allowed: &'static [Status],
    },
    /// Parents are open.
    #[error("unsatisfied parent dependencies: {}{}", listed(.parents), more(.count, .parents))]
    OpenParents {
        /// Some of them.
        parents: Vec<TaskId>,
        /// All of them.
        count: usize,
    },
    /// A dependency block without anything to wait for would only come back (D10, S7).
    #[error("cannot block {0} on a dependency: every parent of it is finished")]
    NothingToWaitFor(TaskId),
    /// Parent and child are the same.
    #[error("a task cannot depend on itself: {0}")]
    SelfLink(TaskId),
    /// The link would close a circle.
    #[error("linking {parent} -> {child} would create a cycle")]
    Cycle {
        /// Parent.
        parent: TaskId,
        /// Child.
        child: TaskId,
    },
    /// There is no such link.
    #[error("no link {parent} -> {child}")]
    NotLinked {
        /// Parent.
        parent: TaskId,
        /// Child.
        child: TaskId,
    },
    /// The task is held.
    #[error("cannot {verb} {task}: it is claimed ({lock})")]
    Claimed {
        /// Command.
        verb: &'static str,
        /// Task.
        task: TaskId,
        /// Holder.
        lock: String,
    },
    /// The lock given is not the one that holds the task.
    #[error("the claim on {task} is held by another: {lock}")]
    NotYourClaim {
        /// Task.
        task: TaskId,
        /// Present holder, or `nobody`.
        lock: String,
    },
    /// The run given is not the task's current one.
    #[error("run {given} of {task} is over{}", current_run(.current))]
    StaleRun {
        /// Task.
        task: TaskId,
        /// Run that wrote.
        given: RunId,
        /// Run that may write.
        current: Option<RunId>,
    },
    /// Processes of an earlier run still live.
    #[error("cannot claim {task}: processes of run {run} are still ending")]
    StillEnding {
        /// Task.
        task: TaskId,
        /// Run.
        run: RunId,
    },
    /// Backoff.
    #[error("cannot claim {task} before {until}: it failed and waits")]
    CoolingDown {
        /// Task.
        task: TaskId,
        /// End of the wait.
        until: Timestamp,
    },
    /// The board is paused.
    #[error("the board is paused by {by}{}", because(.reason))]
    Paused {
        /// Who paused it.
        by: String,
        /// Why.
        reason: Option<String>,
    },
    /// Nothing would change.
    #[error("{0}")]
    NothingToDo(String),
    /// A stop was already asked for.
    #[error("{task} is already ending: it goes to {to}")]
    AlreadyStopping {
        /// Task.
        task: TaskId,
        /// Where it will go.
        to: StopTo,
    },
    /// The lease has not run out, or its holder lives.
    #[error("the claim on {0} has not expired")]
    NotExpired(TaskId),
}

impl Rejected {
    /// A field that breaks its rule.
    pub fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { field, why: why.into() }
    }

    /// What the caller should make of it.
    pub fn category(&self) -> Category {
        match self {
            Self::Invalid { .. }
            | Self::TooLong { .. }
            | Self::BadName(_)
            | Self::SelfLink(_)
            | Self::Cycle { .. } => Category::Invalid,
            Self::UnknownTask(_)
            | Self::UnknownTasks { .. }
            | Self::UnknownRun(_)
            | Self::NotLinked { .. } => Category::NotFound,
            Self::WrongStatus { .. }
            | Self::OpenParents { .. }
            | Self::NothingToWaitFor(_)
            | Self::Claimed { .. }
            | Self::StillEnding { .. }
            | Self::CoolingDown { .. }
            | Self::Paused { .. }
            | Self::NothingToDo(_)
            | Self::AlreadyStopping { .. }
            | Self::NotExpired(_) => Category::State,
            Self::NotYourClaim { .. } | Self::StaleRun { .. } => Category::Stale,
        }
    }

    /// Stable name of the refusal, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_field",
            Self::TooLong { .. } => "too_long",
            Self::BadName(_) => "bad_name",
            Self::UnknownTask(_) => "unknown_task",
            Self::UnknownTasks { .. } => "unknown_tasks",
            Self::UnknownRun(_) => "unknown_run",
            Self::WrongStatus { .. } => "wrong_status",
            Self::OpenParents { .. } => "open_parents",
            Self::NothingToWaitFor(_) => "nothing_to_wait_for",
            Self::SelfLink(_) => "self_link",
            Self::Cycle { .. } => "cycle",
            Self::NotLinked { .. } => "not_linked",
            Self::Claimed { .. } => "claimed",
            Self::NotYourClaim { .. } => "not_your_claim",
            Self::StaleRun { .. } => "stale_run",
            Self::StillEnding { .. } => "still_ending",
            Self::CoolingDown { .. } => "cooling_down",
            Self::Paused { .. } => "paused",
            Self::NothingToDo(_) => "nothing_to_do",
            Self::AlreadyStopping { .. } => "already_stopping",
            Self::NotExpired(_) => "not_expired",
        }
    }
}

fn listed(ids: &[TaskId]) -> String {
    ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join(", ")
}

fn words(statuses: &[Status]) -> String {
    statuses.iter().map(|s| s.word()).collect::<Vec<_>>().join(", ")
}

fn more(count: &usize, shown: &[TaskId]) -> String {
    match count.saturating_sub(shown.len()) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    }
}

fn because(reason: &Option<String>) -> String {
    reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default()
}

fn by(holder: &Option<ClaimLock>) -> String {
    holder.as_ref().map(|lock| format!(", claimed by {lock}")).unwrap_or_default()
}

fn current_run(current: &Option<RunId>) -> String {
    let mut text = String::new();
    if let Some(run) = current {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "; run {run} is the current one");
    }
    text
}

#[cfg(test)]
mod tests;
