//! What any verb makes is for its owner alone, whatever the umask: the real binary is run under
//! the most careless and the most careful one, and then everything is looked at.

use crate::env::TestEnv;
use crate::processes::{self, eventually, signal};
use rusqlite::Connection;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Longest wait for a worker that says hello.
const LIMIT: Duration = Duration::from_secs(60);

/// Deeper than anything below a home.
const DEPTH_MAX: usize = 12;

/// A board as the peer's first releases made it: opening it leaves a copy beside it.
pub(crate) const PEERS: &str = "PRAGMA journal_mode = DELETE;
    CREATE TABLE tasks (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT, assignee TEXT, status TEXT NOT NULL,
        priority INTEGER DEFAULT 0, created_by TEXT, created_at INTEGER NOT NULL,
        started_at INTEGER, completed_at INTEGER, workspace_kind TEXT NOT NULL DEFAULT 'scratch',
        workspace_path TEXT, claim_lock TEXT, claim_expires INTEGER);
    INSERT INTO tasks (id, title, status, created_at) VALUES ('t_00000001', 'old', 'todo', 5);";

/// Runs the binary under a umask.
struct Masked<'env> {
    env: &'env TestEnv,
    umask: &'static str,
}

impl Masked<'_> {
    fn command(&self) -> Command {
        let plain = self.env.command();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", r#"umask "$0" && exec "$@""#, self.umask]).arg(plain.get_program());
        shell.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(self.env.path()).stdin(Stdio::null());
        shell
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.env.ran(self.command().args(arguments).output().unwrap());
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        ran.stdout
    }

    fn create(&self, arguments: &[&str]) -> String {
        let made = self.ok(&[&["create", "--json"], arguments].concat());
        let made: serde_json::Value = serde_json::from_str(&made).unwrap();
        made["id"].as_str().unwrap().to_owned()
    }
}

/// Everything below a directory that is for more than its owner, with its mode. What workers made
/// in their own workspaces is theirs.
fn open_to_others(dir: &Path, workers: &[PathBuf], depth: usize) -> BTreeMap<PathBuf, String> {
    assert!(depth < DEPTH_MAX, "{}", dir.display());
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let (mode, wanted) =
            (metadata.mode() & 0o7777, if metadata.is_dir() { 0o700 } else { 0o600 });
        if mode != wanted {
            found.insert(path.clone(), format!("{mode:o}"));
        }
        if metadata.is_dir() && !workers.contains(&path) {
            found.extend(open_to_others(&path, workers, depth + 1));
        }
    }
    found
}

/// Runs every verb that makes something.
fn make_everything(env: &TestEnv, umask: &'static str) -> Vec<PathBuf> {
    let masked = Masked { env, umask };
    masked.ok(&["init"]);
    masked.ok(&["boards", "create", "infra", "--description", "x", "--switch"]);
    masked.ok(&["boards", "rename", "infra", "Iron works"]);
    masked.ok(&["boards", "create", "old"]);
    masked.ok(&["boards", "archive", "old"]);
    masked.ok(&["boards", "switch", "default"]);
    let dir = env.path().join("new/work");
    let workspace = format!("dir:{}", dir.display());
    let shell = ["A", "--assignee", "shell", "--body", "echo hello; umask >mask"];
    let first = masked.create(&shell);
    let second = masked.create(&[&shell[..], &["--workspace", &workspace]].concat());
    masked.ok(&["comment", &first, "hello"]);
    masked.ok(&["dispatch"]);
    for task in [&first, &second] {
        eventually(LIMIT, || (env.status(task) == "done").then_some(())).unwrap();
    }
    let scratch = env.home().join("kanban/workspaces").join(&first);
    let worker = fs::read_to_string(scratch.join("mask")).unwrap();
    assert_eq!(worker.trim().trim_start_matches('0'), umask.trim_start_matches('0'));
    fs::remove_file(dir.join("mask")).unwrap();
    adopt(&masked);
    quarantine(&masked);
    vec![scratch]
}

/// A board of the peer, adopted: a copy of it is made.
fn adopt(masked: &Masked<'_>) {
    let peers = masked.env.path().join("peers");
    masked.ok(&["--home", &peers.display().to_string(), "init"]);
    let board = peers.join("kanban.db");
    for entry in fs::read_dir(&peers).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    Connection::open(&board).unwrap().execute_batch(PEERS).unwrap();
    // An adopted board keeps the mode that it has; what is made beside it has ours.
    fs::set_permissions(&board, Permissions::from_mode(0o600)).unwrap();
    masked.ok(&["--home", &peers.display().to_string(), "list"]);
    let copies = fs::read_dir(&peers).unwrap().filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().contains(".before-andon-")
    });
    assert_eq!(copies.count(), 1);
}

/// A broken board: the dispatcher writes down that it is.
fn quarantine(masked: &Masked<'_>) {
    let env = masked.env;
    fs::write(env.home().join("kanban/boards/infra/kanban.db"), [b'x'; 4096]).unwrap();
    let mut up = masked.command();
    let mut up = up.arg("up").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let record = env.home().join("kanban/.andon/quarantine/infra.json");
    let written = eventually(LIMIT, || record.exists().then_some(()));
    signal(up.id().cast_signed(), Signal::TERM);
    up.wait().unwrap();
    written.unwrap();
}

#[test]
fn whatever_a_verb_makes_is_private_under_any_umask() {
    for umask in ["000", "077"] {
        let env = processes::env();
        let workers = make_everything(&env, umask);
        let found = open_to_others(env.path(), &workers, 0);
        assert_eq!(found, BTreeMap::new(), "umask {umask}");
        let names = ["kanban.db", "kanban.db-wal", "kanban.db-shm", "kanban.db.writer.lock"];
        for name in names.iter().chain(&["kanban/current", "kanban/boards/infra/board.json"]) {
            assert!(env.home().join(name).exists(), "{name} was not looked at");
        }
    }
}

#[test]
fn a_demo_is_private_under_any_umask() {
    for umask in ["000", "077"] {
        let env = processes::env();
        let dir = env.path().join("tmp");
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, Permissions::from_mode(0o700)).unwrap();
        env.write("src/a.txt", "hello");
        let env = env.with("TMPDIR", dir.display().to_string());
        Masked { env: &env, umask }.ok(&["demo", "src"]);
        let found = open_to_others(&dir, &[], 0);
        assert_eq!(found, BTreeMap::new(), "umask {umask}");
    }
}
