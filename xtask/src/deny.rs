//! `cargo xtask deny`: what the dependencies are allowed to be, asked of cargo-deny.
//!
//! Advisories are not asked: they need a database from the network and change while the tree does
//! not, so they belong to a schedule.

use std::process::Command;

use crate::error::TaskError;
use crate::tool::Tool;
use crate::{process, tree};

const TOOL: Tool = Tool { program: "cargo-deny", version: "0.20.2", ask_version: &["--version"] };
/// What is checked. All of it is known from the lock file and the packages themselves.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Checks the dependencies.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    if !arguments.is_empty() {
        return Err(TaskError::Usage("`deny` takes no arguments".to_owned()));
    }
    check()
}

/// Provides cargo-deny and asks it.
pub(crate) fn check() -> Result<(), TaskError> {
    let mut command = Command::new(TOOL.provide()?);
    command.args(["--locked", "check"]).args(CHECKS).current_dir(tree::root());
    process::run(&mut command)
}
