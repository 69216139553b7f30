//! The hidden verb that the workers of `andon demo` run. It is a worker like any other: it learns
//! of its task and tells what came of it by Andon's public verbs, and knows nothing of the board.
//!
//! Its program has three steps: list the parts of a directory and make a task of each, survey one
//! part, and write the report. Two of them go wrong at the first try, on purpose.

mod calls;
mod parts;
mod report;
mod survey;

use calls::{Calls, Shown};
pub(crate) use report::REPORT_FILE;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// The verb.
pub(crate) const DEMO_STEP_VERB: &str = "__demo-step";

/// The profile whose workers these are.
pub(crate) const PROFILE: &str = "surveyor";

/// What the worker that is to be killed says when it is half way.
pub(crate) const HALF_WAY: &str = "half way";

/// How long that worker waits for its end. It goes on if nobody comes.
const KILL_WAIT: Duration = Duration::from_secs(20);

/// What a task of the demo is to do; stands in its body.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Step {
    /// List the parts of a directory.
    List {
        /// The directory.
        dir: PathBuf,
        /// Where the report goes.
        out: PathBuf,
    },
    /// Survey one part.
    Part {
        /// File or directory.
        path: PathBuf,
        /// Whether its directories belong to it.
        depth: Depth,
        /// What goes wrong at the first try.
        mishap: Option<Mishap>,
    },
    /// Write the report from what the parents handed over.
    Report {
        /// The directory that was surveyed.
        dir: PathBuf,
        /// What goes wrong at the first try.
        mishap: Option<Mishap>,
    },
}

/// How far down a survey goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Depth {
    /// Files only.
    Files,
    /// Everything below.
    Tree,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mishap {
    /// It exits with code 1.
    Stumbles,
    /// It is killed half way.
    Killed,
}

/// Does the step of the task that the environment names.
pub(crate) fn run() -> ExitCode {
    match step() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _unwritten = writeln!(std::io::stderr(), "demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn step() -> Result<(), String> {
    let task = std::env::var("ANDON_TASK").map_err(|_| "ANDON_TASK is not set".to_owned())?;
    let calls = Calls::new()?;
    let shown = calls.show(&task)?;
    let body = shown.task.body.as_deref().unwrap_or_default();
    let step =
        serde_json::from_str(body).map_err(|error| format!("the body of {task}: {error}"))?;
    match step {
        Step::List { dir, out } => parts::list(&calls, &task, (&dir, &out)),
        Step::Part { path, depth, mishap } => part(&calls, (&task, &shown), (&path, depth), mishap),
        Step::Report { dir, mishap } => {
            stumble(&shown, mishap)?;
            report::write(&calls, (&task, &shown), &dir)
        }
    }
}

fn part(
    calls: &Calls,
    (task, shown): (&str, &Shown),
    (path, depth): (&Path, Depth),
    mishap: Option<Mishap>,
) -> Result<(), String> {
    stumble(shown, mishap)?;
    let survey = survey::survey(path, depth)?;
    if mishap == Some(Mishap::Killed) && shown.is_first_attempt() {
        calls.heartbeat(task, HALF_WAY)?;
        let deadline = Instant::now() + KILL_WAIT;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            park_timeout(left);
        }
    }
    let metadata = serde_json::to_value(&survey).map_err(|error| error.to_string())?;
    calls.complete(task, &survey.summary(), &metadata)
}

/// Fails at the first try, if it is meant to.
fn stumble(shown: &Shown, mishap: Option<Mishap>) -> Result<(), String> {
    if mishap == Some(Mishap::Stumbles) && shown.is_first_attempt() {
        return Err("stumbles at the first try, as the demo wants it".to_owned());
    }
    Ok(())
}

/// What `complete` is told of the report.
fn artifact(path: &Path) -> serde_json::Value {
    json!({ "artifacts": [path.display().to_string()] })
}
