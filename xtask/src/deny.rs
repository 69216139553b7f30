//! `cargo xtask deny`: what the dependencies are allowed to be, asked of cargo-deny.
//!
//! It takes one pinned version: where that is not installed it is built below the target directory,
//! once, so that a fresh machine checks the same as this one. Advisories are not asked: they need a
//! database from the network and change while the tree does not, so they belong to a schedule.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;
use crate::{process, tree};

/// The program, and the version whose findings we know. Its own dependencies are locked.
const PROGRAM: &str = "cargo-deny";
const VERSION: &str = "0.20.2";
/// A registry has bad minutes, not bad hours: three tries tell them apart.
const INSTALL_ATTEMPTS_MAX: u32 = 3;
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
    let program = provide()?;
    let mut command = Command::new(program);
    command.args(["--locked", "check"]).args(CHECKS).current_dir(tree::root());
    process::run(&mut command)
}

/// The program: an installed one of this version, else our own, built when it is missing.
fn provide() -> Result<PathBuf, TaskError> {
    let installed = PathBuf::from(PROGRAM);
    if is_version(&installed) {
        return Ok(installed);
    }
    let root = tree::target_directory().join("tools");
    let program = root.join("bin").join(PROGRAM);
    let mut attempts = 0;
    while !is_version(&program) {
        attempts += 1;
        println!("building {PROGRAM} {VERSION}, attempt {attempts} of {INSTALL_ATTEMPTS_MAX}");
        match process::run(&mut install(&root)) {
            Err(error) if attempts >= INSTALL_ATTEMPTS_MAX => return Err(error),
            Err(error) => eprintln!("{error}; trying again"),
            Ok(()) => break,
        }
    }
    Ok(program)
}

fn is_version(program: &Path) -> bool {
    let mut command = Command::new(program);
    let answer = command.arg("--version").output();
    let wanted = format!("{PROGRAM} {VERSION}");
    answer.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).trim() == wanted)
}

/// Built without optimisation and without what debuggers read: it runs for a second, and building
/// it well takes minutes.
fn install(root: &Path) -> Command {
    let mut command =
        process::cargo(["install", PROGRAM, "--version", VERSION, "--locked", "--debug"]);
    command.args(["--no-default-features", "--root"]).arg(root);
    command.arg("--target-dir").arg(root.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
    command
}
