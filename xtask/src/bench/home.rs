//! An Andon home with one board and one profile, and the dispatcher at work on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::TaskError;

use super::lab::Lab;

/// The profile's name.
pub(super) const PROFILE: &str = "bench";

/// A home below a fresh directory.
pub(super) struct Home {
    pub(super) directory: PathBuf,
    pub(super) board: PathBuf,
}

impl Home {
    /// Makes the home and its board, whose workers are started by this command.
    pub(super) fn make(lab: &Lab, name: &str, worker: &[&str]) -> Result<Self, TaskError> {
        let directory = lab.fresh(name)?;
        let board = directory.join("kanban.db");
        lab.client.init(&board)?;
        // A JSON list of texts is also a TOML list of texts.
        let command = serde_json::Value::from(worker.to_vec());
        let profiles =
            format!("[profiles.{PROFILE}]\ncommand = {command}\non_exit_zero = \"completes\"\n");
        let path = directory.join("profiles.toml");
        fs::write(&path, profiles).map_err(TaskError::file("write", &path))?;
        Ok(Self { directory, board })
    }

    /// The `andon` program on this home. What the caller's own environment says is left out.
    pub(super) fn andon(&self, lab: &Lab) -> Command {
        let mut command = Command::new(&lab.andon);
        for name in ["ANDON_BOARD", "ANDON_DB", "HERMES_KANBAN_BOARD", "HERMES_KANBAN_DB"] {
            command.env_remove(name);
        }
        command.arg("--home").arg(&self.directory);
        command
    }

    /// Starts the dispatcher. It ends with the value.
    pub(super) fn up(&self, lab: &Lab) -> Result<Up, TaskError> {
        let log = self.directory.join("up.log");
        let output = fs::File::create(&log).map_err(TaskError::file("create", &log))?;
        let errors = output.try_clone().map_err(TaskError::file("share", &log))?;
        let child = self
            .andon(lab)
            .arg("up")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|source| TaskError::Start { command: "andon up".to_owned(), source })?;
        Ok(Up { child })
    }
}

/// A running dispatcher.
pub(super) struct Up {
    child: Child,
}

impl Up {
    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // It may be killed at any time; that is one of its promises. What is left to do for a
        // process that is gone already is nothing.
        let _ended_before = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Memory of a process, in mebibytes, as the kernel counts it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    pub(super) resident: f64,
    pub(super) peak: f64,
}

/// Reads `VmRSS` and `VmHWM`.
pub(super) fn memory(pid: u32) -> Result<Memory, TaskError> {
    let path = Path::new("/proc").join(pid.to_string()).join("status");
    let text = fs::read_to_string(&path).map_err(TaskError::file("read", &path))?;
    let mebibytes = |name| {
        let kib = super::machine::field(&text, name)?.split_whitespace().next()?.parse::<f64>();
        kib.ok().map(|kib| kib / 1024.0)
    };
    match (mebibytes("VmRSS"), mebibytes("VmHWM")) {
        (Some(resident), Some(peak)) => Ok(Memory { resident, peak }),
        _ => Err(TaskError::Malformed {
            what: format!("the status of process {pid}"),
            why: "it names no resident memory".to_owned(),
        }),
    }
}
