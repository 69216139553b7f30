//! The public verbs that a worker of the demo calls, each in a process of its own as any worker
//! would.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The `andon` program.
pub(super) struct Calls {
    program: PathBuf,
}

/// What `show --json` says, as far as the demo reads it.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    pub(super) task: ShownTask,
    pub(super) latest_summary: Option<String>,
    pub(super) parents: Vec<String>,
    pub(super) runs: Vec<ShownRun>,
}

/// A task.
#[derive(Debug, Deserialize)]
pub(super) struct ShownTask {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) body: Option<String>,
}

/// A run.
#[derive(Debug, Deserialize)]
pub(super) struct ShownRun {
    pub(super) outcome: Option<String>,
    pub(super) metadata: Value,
}

impl Shown {
    /// Whether no earlier run failed: the worker's own run is the only one.
    pub(super) fn is_first_attempt(&self) -> bool {
        self.runs.len() <= 1
    }

    /// What the completed run handed over.
    pub(super) fn handoff(&self) -> Option<&Value> {
        let completed = |run: &&ShownRun| run.outcome.as_deref() == Some("completed");
        self.runs.iter().rfind(completed).map(|run| &run.metadata)
    }
}

impl Calls {
    /// Calls of this very program.
    pub(super) fn new() -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        Ok(Self { program })
    }

    /// Reads a task.
    pub(super) fn show(&self, task: &str) -> Result<Shown, String> {
        self.json(&["show", task, "--json"])
    }

    /// Makes a task and answers its id.
    pub(super) fn create(&self, arguments: &[&str]) -> Result<String, String> {
        let arguments: Vec<&str> = ["create", "--json"].iter().chain(arguments).copied().collect();
        self.json::<ShownTask>(&arguments).map(|task| task.id)
    }

    /// Gives a sign of life.
    pub(super) fn heartbeat(&self, task: &str, note: &str) -> Result<(), String> {
        self.call(&["heartbeat", task, "--note", note]).map(drop)
    }

    /// Finishes a task.
    pub(super) fn complete(
        &self,
        task: &str,
        summary: &str,
        metadata: &Value,
    ) -> Result<(), String> {
        let metadata = metadata.to_string();
        self.call(&["complete", task, "--summary", summary, "--metadata", &metadata]).map(drop)
    }

    fn json<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T, String> {
        let stdout = self.call(arguments)?;
        let wrong = |error| format!("andon {}: {error}", arguments.join(" "));
        serde_json::from_slice(&stdout).map_err(wrong)
    }

    fn call(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let called = || format!("andon {}", arguments.join(" "));
        let output = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", called()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let why = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}: {}: {}", called(), output.status, why.trim()))
    }
}
