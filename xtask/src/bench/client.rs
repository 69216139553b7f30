//! Calling the measuring programs and reading their answers. Knows no bench.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::de::DeserializeOwned;

use crate::error::TaskError;
use crate::process;

use super::answer::{Audit, ClientVersions, Disk, Done};

/// Andon's own measuring program.
pub(super) struct Client {
    pub(super) path: PathBuf,
}

impl Client {
    /// The program with its verb.
    pub(super) fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.path);
        command.arg(verb);
        command
    }

    /// Makes a board.
    pub(super) fn init(&self, board: &Path) -> Result<Done, TaskError> {
        ask(self.command("init").arg(board))
    }

    /// Fills a board with tasks that wait.
    pub(super) fn fill(&self, board: &Path, tasks: u32) -> Result<Done, TaskError> {
        ask(self.command("fill").arg(board).arg(tasks.to_string()))
    }

    /// Counts and checks a board; nobody may have it open.
    pub(super) fn audit(&self, board: &Path) -> Result<Audit, TaskError> {
        ask(self.command("audit").arg(board))
    }

    /// Times the disk's sync in a directory.
    pub(super) fn disk(&self, samples: u32, directory: &Path) -> Result<Disk, TaskError> {
        ask(self.command("disk").arg(directory).arg(samples.to_string()))
    }

    /// The SQLite that is compiled in.
    pub(super) fn versions(&self) -> Result<ClientVersions, TaskError> {
        ask(&mut self.command("versions"))
    }
}

/// Runs a program and reads the line of JSON with which it ends.
pub(super) fn ask<T: DeserializeOwned>(command: &mut Command) -> Result<T, TaskError> {
    let text = process::capture(command)?;
    read(text.lines().last().unwrap_or_default())
}

/// Reads a line of JSON.
pub(super) fn read<T: DeserializeOwned>(line: &str) -> Result<T, TaskError> {
    serde_json::from_str(line).map_err(|error| TaskError::Malformed {
        what: format!("the answer `{line}` of a measuring program"),
        why: error.to_string(),
    })
}
