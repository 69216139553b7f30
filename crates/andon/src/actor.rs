//! Who calls: a person, or the worker of a run.

use crate::error::CliError;
use andon_core::actor::{Actor, ActorKind, Surface};
use andon_core::id::{ClaimLock, RunId, TaskId};
use andon_daemon::env::{Env, NotUnicode, Variable};

const TASK: Variable = Variable { name: "ANDON_TASK", twins: &["HERMES_KANBAN_TASK"] };
const RUN: Variable = Variable { name: "ANDON_RUN_ID", twins: &["HERMES_KANBAN_RUN_ID"] };
const LOCK: Variable = Variable { name: "ANDON_CLAIM_LOCK", twins: &["HERMES_KANBAN_CLAIM_LOCK"] };
/// Names, best first. Those of the peer rank as it ranks them (surfaces reference §1).
const NAME: Variable =
    Variable { name: "ANDON_PROFILE", twins: &["HERMES_PROFILE_NAME", "HERMES_PROFILE"] };

/// Name of a person whom nothing names.
const NAMELESS: &str = "user";

/// Who calls, as the environment tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Name of the person or profile.
    pub(crate) name: String,
    /// The run that calls, when a worker does.
    pub(crate) worker: Option<WorkerOf>,
}

/// The run of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkerOf {
    task: TaskId,
    run: Option<RunId>,
    lock: Option<ClaimLock>,
}

impl Caller {
    /// Reads the environment.
    pub(crate) fn from_env(env: &Env) -> Result<Self, CliError> {
        let named = env.first(NAME).map_err(not_unicode)?.map(|(_, name)| name);
        let name = match named {
            Some(name) => name,
            None => env.text("USER").map_err(not_unicode)?.unwrap_or(NAMELESS),
        };
        Ok(Self { name: name.to_owned(), worker: worker(env)? })
    }

    /// The caller as the board records it.
    pub(crate) fn actor(&self) -> Actor {
        let kind = if self.worker.is_some() { ActorKind::Worker } else { ActorKind::Human };
        Actor { kind, name: self.name.clone(), surface: Surface::Cli }
    }

    /// The run that must still be current for a write to `task`: a worker's own, on its own
    /// task. On every other task it is a caller like any other.
    pub(crate) fn run_of(&self, task: &TaskId) -> Option<RunId> {
        self.worker.as_ref().filter(|worker| worker.task == *task)?.run
    }

    /// The lock that proves the hold of `task`.
    pub(crate) fn lock_of(&self, task: &TaskId) -> Option<ClaimLock> {
        self.worker.as_ref().filter(|worker| worker.task == *task)?.lock.clone()
    }
}

fn worker(env: &Env) -> Result<Option<WorkerOf>, CliError> {
    let Some((name, text)) = env.first(TASK).map_err(not_unicode)? else { return Ok(None) };
    let wrong =
        |name: &str, why: String| CliError::usage(format!("environment variable {name}: {why}"));
    let task = TaskId::parse(text).map_err(|error| wrong(name, error.to_string()))?;
    let run = match env.first(RUN).map_err(not_unicode)? {
        None => None,
        Some((name, text)) => {
            let number = text.parse().map_err(|_| wrong(name, format!("{text:?} is no run id")))?;
            Some(RunId(number))
        }
    };
    let lock = env.first(LOCK).map_err(not_unicode)?;
    let lock = lock.map(|(_, text)| ClaimLock::from_text(text.to_owned()));
    Ok(Some(WorkerOf { task, run, lock }))
}

fn not_unicode(error: NotUnicode) -> CliError {
    let hint = format!("correct or unset {}", error.name);
    CliError::usage(error.to_string()).hint(hint)
}
