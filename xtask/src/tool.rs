//! Programs of others that a task needs: one pinned version of each. Where that is not installed it
//! is built below the target directory, once, so that a fresh machine checks the same as this one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;
use crate::{process, tree};

/// A program, and the version whose findings we know. Its own dependencies are locked.
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    pub(crate) version: &'static str,
    /// What it answers to these words begins with its name and version.
    pub(crate) ask_version: &'static [&'static str],
}

/// A registry has bad minutes, not bad hours: three tries tell them apart.
const INSTALL_ATTEMPTS_MAX: u32 = 3;

impl Tool {
    /// The program: an installed one of this version, else our own, built when it is missing.
    pub(crate) fn provide(&self) -> Result<PathBuf, TaskError> {
        let installed = PathBuf::from(self.program);
        if self.is_there(&installed) {
            return Ok(installed);
        }
        let root = tree::target_directory().join("tools");
        let program = root.join("bin").join(self.program);
        let mut attempts = 0;
        while !self.is_there(&program) {
            attempts += 1;
            let (name, version) = (self.program, self.version);
            println!("building {name} {version}, attempt {attempts} of {INSTALL_ATTEMPTS_MAX}");
            match process::run(&mut self.install(&root)) {
                Err(error) if attempts >= INSTALL_ATTEMPTS_MAX => return Err(error),
                Err(error) => eprintln!("{error}; trying again"),
                Ok(()) => break,
            }
        }
        Ok(program)
    }

    fn is_there(&self, program: &Path) -> bool {
        let answer = Command::new(program).args(self.ask_version).output();
        let wanted = format!("{} {}", self.program, self.version);
        answer.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).trim() == wanted)
    }

    /// Built without optimisation and without what debuggers read: it runs for a short time, and
    /// building it well takes minutes.
    fn install(&self, root: &Path) -> Command {
        let arguments = ["install", self.program, "--version", self.version, "--locked", "--debug"];
        let mut command = process::cargo(arguments);
        command.args(["--no-default-features", "--root"]).arg(root);
        command.arg("--target-dir").arg(root.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        command
    }
}
