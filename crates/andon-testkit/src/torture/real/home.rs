//! A home with two boards and two profiles, and how the shipped binary is called in it.

use super::child::{Clock, ROLE_VARIABLE, Role};
use super::versus::Side;
use super::{Neighbours, Programs};
use crate::torture::Failure;
use crate::torture::chance::Chance;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The profile whose workers write down their lives, and the one whose workers take more memory
/// than they may.
pub(super) const RECORDER: &str = "recorder";
pub(super) const GREEDY: &str = "greedy";

/// The board whose disk is full at times.
pub(super) const SMALL: &str = "small";

/// Tasks that clients hold count as running, so the bound on workers is that of their profile.
///
/// Killed dispatchers and runners are no fault of a task, but they count as failed attempts: the
/// bounds are put out of the way. Retries come at once.
const CONFIG: &str = "\
[dispatch]
max_in_progress = 1000
claim_ttl_seconds = 5
crash_grace_seconds = 1
dispatch_interval_seconds = 2

[retry]
spawn_limit = 1000
crash_limit = 1000
total_limit = 1000
retry_wait_seconds = 0
spawn_wait_seconds = 0
";

/// Variables that would lead the programs to other homes.
const FOREIGN: &[&str] =
    &["ANDON_HOME", "ANDON_BOARD", "ANDON_DB", "HERMES_HOME", "HERMES_KANBAN_DB"];

/// Where everything of one run lies.
pub(super) struct Home {
    directory: PathBuf,
    pub(super) programs: Programs,
    pub(super) side: Side,
    /// Whether the small board has a disk of its own.
    pub(super) small: SmallDisk,
}

/// The disk of the small board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SmallDisk {
    /// It was mounted, and is to be given back.
    Mounted,
    /// This user may mount none, or none is wanted.
    None,
}

/// One client in so many dies at a named point, the others where chance strikes them.
const DOOMED_EVERY: usize = 3;

/// The points, each with how often a client passes it within a few seconds.
const POINTS: &[(&str, usize)] = &[
    ("guard.hold", 1),
    ("writer.turn", 60),
    ("writer.written", 60),
    ("writer.committed", 60),
    ("writer.checkpoint", 4),
];

/// Room on it: for a board, its log, and some thousands of tasks.
const SMALL_DISK: &str = "size=64m";

impl Home {
    /// Makes the directory, its boards and its profiles.
    pub(super) fn make(
        directory: &Path,
        programs: Programs,
        neighbours: Neighbours,
        side: Side,
    ) -> Result<Self, Failure> {
        let directory = directory.to_owned();
        let mut home = Self { directory, programs, side, small: SmallDisk::None };
        for part in
            [home.root(), home.logs(), home.small_logs(), home.locks(), home.small_directory()]
        {
            fs::create_dir_all(part)?;
        }
        if neighbours == Neighbours::Hostile {
            let mut mount = Command::new("mount");
            mount.args(["-t", "tmpfs", "-o", SMALL_DISK, "tmpfs"]).arg(home.small_directory());
            let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
            home.small = if mounted { SmallDisk::Mounted } else { SmallDisk::None };
        }
        fs::write(home.root().join("config.toml"), CONFIG)?;
        fs::write(home.root().join("profiles.toml"), home.profiles())?;
        match side {
            Side::Andon => {
                home.succeed(&["init"])?;
                home.succeed(&["boards", "create", SMALL])?;
            }
            Side::Peer => {
                fs::write(home.script(), include_str!("ledger.py"))?;
                let made = home.ledger("init", 0).stdin(Stdio::null()).status()?;
                if !made.success() {
                    return Err("the peer made no board".into());
                }
            }
        }
        Ok(home)
    }

    fn profiles(&self) -> String {
        let (logs, andon) = (self.logs(), self.programs.andon.clone());
        let worker = |ending: &str| {
            let role =
                Role::Worker { logs: logs.clone(), andon: andon.clone(), ending: ending.into() };
            let role = format!("{ROLE_VARIABLE}={}", role.text());
            json!(["/usr/bin/env", role, self.programs.child]).to_string()
        };
        format!(
            "[profiles.{RECORDER}]\ncommand = {}\non_exit_zero = \"completes\"\n\
             limits = {{ concurrency = 4 }}\n\
             [profiles.{GREEDY}]\ncommand = {}\non_exit_zero = \"completes\"\n\
             limits = {{ memory = \"48MiB\", concurrency = 1 }}\n",
            worker("{body}"),
            worker("greedy"),
        )
    }

    fn succeed(&self, arguments: &[&str]) -> Result<(), Failure> {
        let output = self.andon().args(arguments).stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("andon {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }

    /// The home itself.
    pub(super) fn root(&self) -> PathBuf {
        self.directory.join("home")
    }

    pub(super) fn board(&self) -> PathBuf {
        self.root().join("kanban.db")
    }

    /// The directory of the board whose disk is small.
    pub(super) fn small_directory(&self) -> PathBuf {
        self.root().join("kanban/boards").join(SMALL)
    }

    pub(super) fn logs(&self) -> PathBuf {
        self.directory.join("logs")
    }

    /// The logs about the small board.
    pub(super) fn small_logs(&self) -> PathBuf {
        self.directory.join("small-logs")
    }

    /// Every board.
    pub(super) fn boards(&self) -> Vec<PathBuf> {
        vec![self.board(), self.small_board()]
    }

    pub(super) fn small_board(&self) -> PathBuf {
        self.small_directory().join("kanban.db")
    }

    pub(super) fn locks(&self) -> PathBuf {
        self.directory.join("locks")
    }

    /// What the processes said, for people.
    pub(super) fn output(&self) -> PathBuf {
        self.directory.join("output.txt")
    }

    /// A call of the shipped binary.
    pub(super) fn andon(&self) -> Command {
        let mut command = Command::new(&self.programs.andon);
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.env("HOME", &self.directory).arg("--home").arg(self.root());
        command
    }

    fn script(&self) -> PathBuf {
        self.directory.join("ledger.py")
    }

    /// A process of the peer, which writes its own log.
    pub(super) fn ledger(&self, role: &str, seed: u64) -> Command {
        let peer = self.programs.peer.as_deref().unwrap_or(Path::new("python3"));
        let mut command = Command::new(peer);
        command.env("HERMES_HOME", self.root()).env("HERMES_KANBAN_HOME", self.root());
        command.env("HERMES_KANBAN_DB", self.board()).env("HOME", &self.directory);
        command.env("PYTHONDONTWRITEBYTECODE", "1").arg(self.script()).arg(role);
        command.arg(self.board()).arg(self.logs()).arg(seed.to_string());
        command
    }

    /// A program that uses the library, and may be doomed to die at a named point.
    pub(super) fn client(&self, seed: u64, rate: u64, clock: Clock) -> Command {
        let (board, logs) = (self.board(), self.logs());
        let role = Role::Client { board, logs, seed, rate, clock };
        let mut command = Command::new(&self.programs.child);
        command.env(ROLE_VARIABLE, role.text()).env(andon_faults::SEEN, self.seen());
        let mut chance = Chance::new(seed);
        if chance.once_in(DOOMED_EVERY)
            && let Some((point, often)) = chance.pick(POINTS)
        {
            let fault = format!("{point}=kill@{}", 1 + chance.below(*often));
            command.env(andon_faults::VARIABLE, fault);
        }
        command
    }

    /// How often processes died at each named point, by their own last words.
    pub(super) fn seen_points(&self) -> BTreeMap<String, u64> {
        let text = fs::read_to_string(self.seen()).unwrap_or_default();
        let mut points = BTreeMap::new();
        for point in text.lines().filter_map(|line| line.split(' ').next()) {
            *points.entry(point.to_owned()).or_default() += 1;
        }
        points
    }

    /// Where processes write down at which point they die.
    fn seen(&self) -> PathBuf {
        self.directory.join("points.txt")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.small == SmallDisk::Mounted {
            drop(Command::new("umount").arg("--lazy").arg(self.small_directory()).status());
        }
    }
}
