//! A home that both programs take for theirs, and the ways to call them in it.
//!
//! Nothing of the machine's homes, boards or variables is seen. The test process itself never
//! opens a board: what a file holds is told by the scripts, with Python's own SQLite.

use crate::process::{self, Running};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// One call takes a second at most; the rest is for machines that do other things, too.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(60);

/// Profiles that both sides may name. Nothing is started for the manual ones.
const PROFILES: &str = "\
[profiles.alice]
manual = true
[profiles.bob]
manual = true
[profiles.broken]
command = [\"/bin/false\"]
";

/// Who calls, for both programs. The peer's `create` names nobody else unless it is told to.
const USER: &str = "user";

pub(crate) struct SharedHome {
    dir: tempfile::TempDir,
}

impl SharedHome {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Self { dir };
        std::fs::create_dir(home.path()).unwrap();
        std::fs::write(home.path().join("profiles.toml"), PROFILES).unwrap();
        home
    }

    /// A directory beside the home, for what is not a program's.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("kanban.db")
    }

    /// A call of Andon, not started yet.
    pub(crate) fn andon_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_andon")));
        command.arg("--home").arg(self.path()).args(arguments);
        command
    }

    /// Andon's answer; it must succeed.
    pub(crate) fn andon(&self, arguments: &[&str]) -> String {
        succeed(&mut self.andon_command(arguments))
    }

    pub(crate) fn andon_json(&self, arguments: &[&str]) -> Value {
        json(&self.andon(&with_json(arguments)))
    }

    /// The answer of the peer's command line; it must succeed.
    pub(crate) fn hermes(&self, arguments: &[&str]) -> String {
        let mut command = self.python();
        command.args(["-m", "hermes_cli.main", "kanban"]).args(arguments);
        succeed(&mut command)
    }

    pub(crate) fn hermes_json(&self, arguments: &[&str]) -> Value {
        json(&self.hermes(&with_json(arguments)))
    }

    /// A script of `peer/`, not started yet.
    pub(crate) fn script(&self, name: &str) -> Command {
        let mut command = self.python();
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/peer");
        command.arg(Path::new(directory).join(name));
        command
    }

    /// What SQLite says of a database file, and how many tasks are in it.
    pub(crate) fn audit(&self, database: &Path) -> Value {
        json(&succeed(self.script("audit.py").arg(database)))
    }

    fn python(&self) -> Command {
        let python = std::env::var_os("ANDON_PEER_PYTHON")
            .expect("ANDON_PEER_PYTHON names a Python that has hermes-agent (cargo xtask interop)");
        self.command(Path::new(&python))
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.dir.path());
        command.env("HOME", self.dir.path()).env("HERMES_HOME", self.path());
        command.env("USER", USER).env("HERMES_PROFILE", USER);
        command.env("PATH", "/usr/bin:/bin").env("TZ", "UTC").env("PYTHONUTF8", "1");
        command
    }
}

/// A text of a JSON object.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

pub(crate) fn succeed(command: &mut Command) -> String {
    let ended = process::run(command, CALL_LIMIT);
    assert_eq!(ended.code, Some(0), "{command:?}: {}{}", ended.stdout, ended.stderr);
    ended.stdout
}

/// Several processes that begin at the same moment, and the one line of JSON that each answers.
pub(crate) fn at_once(commands: Vec<Command>, limit: Duration) -> Vec<Value> {
    let mut all: Vec<Running> = commands.into_iter().map(|mut c| Running::start(&mut c)).collect();
    for each in &mut all {
        each.line_with("ready", limit);
    }
    for each in &mut all {
        each.tell("go");
    }
    let answer = |mut each: Running| {
        let answer = json(&each.line_with("{", limit));
        let ended = each.end(limit);
        assert_eq!(ended.code, Some(0), "{answer}: {}", ended.stderr);
        answer
    };
    all.into_iter().map(answer).collect()
}

fn with_json<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(["--json"]).collect()
}
