//! What a runner is told by whoever starts it: one JSON value on its stdin.

use crate::limits::Limits;
use crate::output::Rotation;
use crate::settings::BoardSettings;
use crate::spawn::WorkerCommand;
use crate::tree::EndPolicy;
use andon_core::id::{BadName, ClaimLock, RunId, TaskId};
use andon_core::run::OnExitZero;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

/// Hidden verb of the binary under which a runner runs.
pub const RUNNER_VERB: &str = "__runner";

/// Longest spec read; see the stub's bound on the same contents.
const SPEC_BYTES_MAX: u64 = 40 * 1024 * 1024;

/// How long a worker that has reported may go on by itself: time to save a session and to leave.
pub const LINGER_DEFAULT_MS: u64 = 10_000;

/// From SIGKILL until the survivors are looked at anew. Only a process that hangs in the kernel
/// outlives it.
const KILL_WAIT: Duration = Duration::from_secs(5);

/// One run, complete: a runner reads neither the environment nor a configuration file.
#[derive(Clone, Serialize, Deserialize)]
pub struct RunSpec {
    /// Board database.
    pub db: PathBuf,
    /// Home directory of the boards.
    pub home: PathBuf,
    /// Board's name.
    pub board: String,
    /// Task id.
    pub task: String,
    /// Run id.
    pub run: i64,
    /// Lock that proves the claim.
    pub claim_lock: String,
    /// Worker's program and arguments.
    pub argv: Vec<String>,
    /// Worker's complete environment, beside the mark.
    pub env: Vec<(String, String)>,
    /// Worker's working directory.
    pub workspace: PathBuf,
    /// Log of the worker's output.
    pub log: PathBuf,
    /// Size above which the log is rotated.
    pub log_rotate_bytes: u64,
    /// Rotated logs kept.
    pub log_backups: u32,
    /// Limits.
    pub limits: Limits,
    /// Control group to make the run's own group in; absent: the one delegated to us, if any.
    pub cgroup_root: Option<PathBuf>,
    /// Soft limit of open files for runner and worker; absent: the one that was inherited.
    pub open_files: Option<u64>,
    /// From SIGTERM to SIGKILL, in milliseconds.
    pub grace_ms: u64,
    /// From the run's end on the board to SIGTERM, in milliseconds.
    pub linger_ms: u64,
    /// Life of the lease in seconds; it is renewed three times as often.
    pub lease_ttl_s: u64,
    /// What exit code 0 means when the worker reported nothing.
    pub on_exit_zero: ExitZero,
    /// Unique mark of the run's processes, legal as a file name.
    pub mark: String,
    /// Settings of the board.
    pub settings: BoardSettings,
}

/// [`OnExitZero`] as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExitZero {
    /// The task is done.
    Completes,
    /// A protocol violation.
    Violates,
}

impl From<ExitZero> for OnExitZero {
    fn from(word: ExitZero) -> Self {
        match word {
            ExitZero::Completes => Self::Completes,
            ExitZero::Violates => Self::Violates,
        }
    }
}

impl RunSpec {
    /// Reads a spec to the end of the input.
    pub fn read(input: impl Read) -> io::Result<Self> {
        let mut text = Vec::new();
        input.take(SPEC_BYTES_MAX + 1).read_to_end(&mut text)?;
        if text.len() as u64 > SPEC_BYTES_MAX {
            let why = format!("the spec of the run is larger than {SPEC_BYTES_MAX} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(serde_json::from_slice(&text)?)
    }

    pub(crate) fn ids(&self) -> Result<Ids, BadName> {
        Ok(Ids {
            task: TaskId::parse(&self.task)?,
            run: RunId(self.run),
            lock: ClaimLock::from_text(self.claim_lock.clone()),
        })
    }

    pub(crate) fn rotation(&self) -> Rotation {
        Rotation { rotate_bytes: self.log_rotate_bytes, backups: self.log_backups }
    }

    pub(crate) fn end_policy(&self) -> EndPolicy {
        EndPolicy { grace: Duration::from_millis(self.grace_ms), kill_wait: KILL_WAIT }
    }

    pub(crate) fn command(&self) -> WorkerCommand {
        WorkerCommand {
            argv: self.argv.clone(),
            env: self.env.clone(),
            cwd: self.workspace.clone(),
            mark: self.mark.clone(),
        }
    }
}

/// The names under which a run writes.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    pub(crate) task: TaskId,
    pub(crate) run: RunId,
    pub(crate) lock: ClaimLock,
}

impl fmt::Debug for RunSpec {
    /// Values of the environment may be secrets and are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunSpec")
            .field("board", &self.board)
            .field("task", &self.task)
            .field("run", &self.run)
            .field("argv", &self.argv)
            .field("workspace", &self.workspace)
            .field("log", &self.log)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
