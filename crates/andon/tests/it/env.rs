//! A home of its own for each test, and a way to run the binary in it.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A hermetic environment: nothing of the machine's homes, boards or variables is seen.
pub(crate) struct TestEnv {
    dir: tempfile::TempDir,
    program: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// What a call did, with everything that differs from run to run replaced.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    shown: (String, String),
}

impl TestEnv {
    pub(crate) fn new() -> Self {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_andon"));
        Self { dir: tempfile::tempdir().unwrap(), program, variables: Vec::new() }
    }

    /// One whose home knows a profile `alice`, for which nothing is started.
    pub(crate) fn with_alice() -> Self {
        let env = Self::new();
        env.write(".local/share/andon/profiles.toml", "[profiles.alice]\nmanual = true\n");
        env
    }

    /// One whose program is a file of its own, which may be upgraded.
    pub(crate) fn with_installed(mut self) -> Self {
        self.program = self.dir.path().join("andon");
        self.upgrade();
        self
    }

    /// Puts a new file into the program's place, as an upgrade does. Another process writes it: a
    /// descriptor open for writing here could be inherited by a child that is just being started,
    /// and no file can be run while it is open for writing.
    pub(crate) fn upgrade(&self) {
        let new = self.dir.path().join("andon.new");
        let mut copy = Command::new("cp");
        let copied = copy.arg(env!("CARGO_BIN_EXE_andon")).arg(&new).status().unwrap();
        assert!(copied.success());
        std::fs::rename(new, &self.program).unwrap();
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The home: where Andon looks when nothing is said.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join(".local/share/andon")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.home().join("kanban.db")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("HOME", self.dir.path()).env("USER", "tester").env("TZ", "UTC");
        command.envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// The same, for a process that meets with faults.
    pub(crate) fn doomed(&self, faults: &str) -> Command {
        let mut command = self.command();
        command.env(andon_faults::VARIABLE, faults).env(andon_faults::SEEN, self.seen());
        command
    }

    /// Where processes write down which faults they met with.
    fn seen(&self) -> PathBuf {
        self.dir.path().join("faults-seen")
    }

    /// The faults that were met with, one a line.
    pub(crate) fn faults(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.seen()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A call that must kill itself at one of these points.
    pub(crate) fn killed(&self, faults: &str, arguments: &[&str]) {
        let before = self.faults().len();
        let output = self.doomed(faults).args(arguments).output().unwrap();
        let kill = rustix::process::Signal::KILL.as_raw();
        assert_eq!(output.status.signal(), Some(kill), "{faults}: {output:?}");
        assert_eq!(self.faults().len(), before + 1, "{faults}");
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.ran(self.command().args(arguments).output().unwrap())
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        self.ran(child.wait_with_output().unwrap())
    }

    /// Runs and expects success; answers stdout.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        ran.stdout
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.ok(&arguments)).unwrap()
    }

    /// Makes a task and answers its id.
    pub(crate) fn create(&self, arguments: &[&str]) -> String {
        let arguments: Vec<&str> = ["create"].iter().chain(arguments).copied().collect();
        self.json(&arguments)["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn status(&self, task: &str) -> String {
        self.json(&["show", task])["task"]["status"].as_str().unwrap().to_owned()
    }

    pub(crate) fn ran(&self, output: Output) -> Ran {
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let mut names = HashMap::new();
        let shown = (self.normal(&stdout, &mut names), self.normal(&stderr, &mut names));
        Ran { code: output.status.code().unwrap(), stdout, stderr, shown }
    }

    fn normal(&self, text: &str, names: &mut HashMap<String, usize>) -> String {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let text = text
            .replace(&self.home().display().to_string(), "<home>")
            .replace(&self.dir.path().display().to_string(), "<dir>")
            .replace(&format!("{host}:{}:", std::process::id()), "<host>:<pid>:");
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut normal = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            if let Some(after) = after_time(rest) {
                normal.push_str("<time>");
                rest = after;
            } else if is_word(first) {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                normal.push_str(&word(&rest[..end], names));
                rest = &rest[end..];
            } else {
                normal.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        normal
    }
}

/// What follows a time like `2026-01-31 18:05:09 +00:00`, if the text begins with one.
fn after_time(text: &str) -> Option<&str> {
    const FORM: &str = "0000-00-00 00:00:00 +00:00";
    let time = text.get(..FORM.len())?;
    let fits = FORM.bytes().zip(time.bytes());
    let fits = fits.into_iter().all(|(f, t)| if f == b'0' { t.is_ascii_digit() } else { f == t });
    fits.then(|| &text[FORM.len()..])
}

/// Task ids get a number in the order in which they appear; times, short spans and random texts
/// a name.
fn word(word: &str, names: &mut HashMap<String, usize>) -> String {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let seconds = |word: &str| {
        word.strip_suffix('s').is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    let next = names.len() + 1;
    match word.strip_prefix("t_") {
        Some(digits) if digits.len() == 8 && hex(digits) && !digits.starts_with("0000") => {
            format!("<task-{}>", names.entry(word.to_owned()).or_insert(next))
        }
        None if word.len() == 10 && word.bytes().all(|b| b.is_ascii_digit()) => "<unix>".to_owned(),
        None if word.len() == 16 && hex(word) => "<random>".to_owned(),
        None if seconds(word) => "<n>s".to_owned(),
        Some(_) | None => word.to_owned(),
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stdout, stderr) = &self.shown;
        write!(f, "exit {}", self.code)?;
        for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
            if !text.is_empty() {
                write!(f, "\n-- {name}\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}
