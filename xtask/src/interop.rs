//! `cargo xtask interop`: the tests in which the peer reads and writes the same board.
//!
//! It provides the peer, at one pinned version, in a Python environment of its own under the
//! target directory, and hands its interpreter to the suite. What is tested is in the suite.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci::{self, Verdict};
use crate::error::TaskError;
use crate::{process, tree};

/// The peer's package and the version whose board the tests share.
const PEER: &str = "hermes-agent";
const PEER_VERSION: &str = "0.19.0";
/// Tells the suite which interpreter has the peer installed.
const PYTHON_VARIABLE: &str = "ANDON_PEER_PYTHON";
/// The test target of the `andon` package that holds the suite.
const TEST_TARGET: &str = "interop";
/// A package index has bad minutes, not bad hours: three tries tell them apart.
const INSTALL_ATTEMPTS_MAX: u32 = 3;

/// Runs the suite and says so when there is none.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    if !arguments.is_empty() {
        return Err(TaskError::Usage("`interop` takes no arguments".to_owned()));
    }
    match suite()? {
        Verdict::Passed => {}
        Verdict::Skipped(why) => println!("interop SKIPPED: {why}"),
    }
    Ok(())
}

/// Provides the peer and runs the suite against it.
pub(crate) fn suite() -> Result<Verdict, TaskError> {
    if !has_suite(&tree::metadata()?) {
        return Ok(Verdict::Skipped(format!(
            "the package `andon` has no test target `{TEST_TARGET}` yet"
        )));
    }
    let python = peer()?;
    let arguments: &[&str] = if ci::has_nextest() {
        &["nextest", "run", "-p", "andon", "--test", TEST_TARGET, "--run-ignored", "all"]
    } else {
        &["test", "-p", "andon", "--test", TEST_TARGET, "--", "--include-ignored"]
    };
    let mut command = process::cargo(arguments.iter().copied());
    process::run(command.env(PYTHON_VARIABLE, python)).map(|()| Verdict::Passed)
}

/// The interpreter that has the peer installed.
pub(crate) fn peer() -> Result<PathBuf, TaskError> {
    provide_peer(&tree::target_directory().join("peer-venv"))
}

fn has_suite(metadata: &serde_json::Value) -> bool {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    packages
        .iter()
        .filter(|package| package["name"] == "andon")
        .flat_map(|package| package["targets"].as_array().map_or(&[][..], Vec::as_slice))
        .any(|target| target["name"] == TEST_TARGET && target["kind"][0] == "test")
}

/// The interpreter of an environment in which the peer is installed, made when missing.
fn provide_peer(environment: &Path) -> Result<PathBuf, TaskError> {
    let python = environment.join("bin/python");
    if !python.exists() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(environment))?;
    }
    let mut attempts = 0;
    while !has_peer(&python) {
        attempts += 1;
        println!("installing {PEER} {PEER_VERSION}, attempt {attempts} of {INSTALL_ATTEMPTS_MAX}");
        match process::run(&mut install(&python)) {
            Err(error) if attempts >= INSTALL_ATTEMPTS_MAX => return Err(error),
            Err(error) => eprintln!("{error}; trying again"),
            Ok(()) => break,
        }
    }
    Ok(python)
}

fn has_peer(python: &Path) -> bool {
    let script = format!(
        "import importlib.metadata as m, sys; sys.exit(m.version('{PEER}') != '{PEER_VERSION}')"
    );
    process::succeeds(Command::new(python).args(["-c", &script]))
}

fn install(python: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("{PEER}=={PEER_VERSION}"));
    command
}
