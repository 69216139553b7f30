//! Many processes on one board: one that is stopped within its write, and fifty that open a fresh
//! board at the same time.

use crate::env::TestEnv;
use crate::processes::{eventually, signal};
use andon_testkit::torture::opening::{Opening, Seen};
use rusqlite::Connection;
use rustix::fs::{FlockOperation, flock};
use rustix::process::Signal;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a process that should come or go at once.
const LIMIT: Duration = Duration::from_secs(60);

/// How long writers here wait for others: the setting, in milliseconds.
const BUSY_MS: u64 = 300;

/// What a refusal may take beyond that, on a loaded machine. Far less than for ever.
const MARGIN: Duration = Duration::from_secs(20);

/// Processes that make the same board.
const CROWD: u32 = 50;

/// Names the board to the writer that is stopped, and how it came to write.
const BOARD: &str = "STOPPED_WRITER_BOARD";
const MANNERS: &str = "STOPPED_WRITER_MANNERS";

/// Files beside the board by which it says that it writes, and is told to commit.
const WRITING: &str = ".test-writing";
const COMMIT: &str = ".test-commit";

/// Not a test of its own: the process that others stop, in the middle of a write. Alone it has no
/// board and does nothing.
#[test]
#[ignore = "a part of the tests below, which run it as a process"]
fn writer_that_waits_to_commit() {
    let Some(board) = std::env::var_os(BOARD).map(PathBuf::from) else { return };
    let queue = File::options().write(true).open(beside(&board, ".writer.lock")).unwrap();
    if std::env::var(MANNERS).unwrap() == "queues" {
        flock(&queue, FlockOperation::LockExclusive).unwrap();
    }
    let connection = Connection::open(&board).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE; UPDATE tasks SET title = 'late'").unwrap();
    std::fs::write(beside(&board, WRITING), "").unwrap();
    eventually(LIMIT, || beside(&board, COMMIT).exists().then_some(())).unwrap();
    connection.execute_batch("COMMIT").unwrap();
}

fn beside(board: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", board.display()))
}

/// A process that is stopped in its write transaction.
pub(crate) struct StoppedWriter(Child);

impl StoppedWriter {
    pub(crate) fn start(env: &TestEnv, manners: &str) -> Self {
        let program = std::env::current_exe().unwrap();
        let child = Command::new(program)
            .args(["--exact", "shared_board::writer_that_waits_to_commit", "--ignored"])
            .env(BOARD, env.database())
            .env(MANNERS, manners)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let writer = Self(child);
        let sign = beside(&env.database(), WRITING);
        eventually(LIMIT, || sign.exists().then_some(())).unwrap();
        signal(writer.pid(), Signal::STOP);
        writer
    }

    pub(crate) fn pid(&self) -> i32 {
        self.0.id().cast_signed()
    }
}

impl Drop for StoppedWriter {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn hurried() -> TestEnv {
    TestEnv::new().with("ANDON_BUSY_TIMEOUT_MS", BUSY_MS.to_string())
}

/// Writers are refused in bounded time and are told by whom; readers do not notice.
fn refuse_writers(env: &TestEnv, writer: &StoppedWriter, task: &str) {
    let begun = Instant::now();
    let refused = env.run(&["create", "B"]);
    let took = begun.elapsed();
    let holder = format!("held by process {} (", writer.pid());
    assert_eq!(refused.code, 1, "{refused}");
    assert!(refused.stderr.starts_with("andon: the board is busy: waited "), "{refused}");
    assert!(refused.stderr.contains(&holder), "{refused}");
    assert!(refused.stderr.contains("hint: try again in a moment"), "{refused}");
    assert!(Duration::from_millis(BUSY_MS) <= took && took < MARGIN, "{took:?}");
    let refused = env.run(&["block", task, "why", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!(error["error"]["code"], "busy");
    assert_eq!(env.status(task), "ready");
}

#[test]
fn a_stopped_writer_is_named_to_those_who_wait_and_goes_on_when_it_is_continued() {
    for manners in ["queues", "barges in"] {
        let env = hurried();
        let task = env.create(&["A"]);
        let mut writer = StoppedWriter::start(&env, manners);
        refuse_writers(&env, &writer, &task);
        std::fs::write(beside(&env.database(), COMMIT), "").unwrap();
        signal(writer.pid(), Signal::CONT);
        assert!(writer.0.wait().unwrap().success(), "{manners}");
        env.ok(&["create", "B"]);
        assert_eq!(env.json(&["show", &task])["task"]["title"], "late");
    }
}

#[test]
fn a_stopped_writer_that_is_killed_leaves_the_board_free() {
    for manners in ["queues", "barges in"] {
        let env = hurried();
        let task = env.create(&["A"]);
        let writer = StoppedWriter::start(&env, manners);
        refuse_writers(&env, &writer, &task);
        drop(writer);
        env.ok(&["create", "B"]);
        assert_eq!(env.json(&["show", &task])["task"]["title"], "A");
        let tasks = env.json(&["list"]);
        assert_eq!(tasks.as_array().unwrap().len(), 2, "{tasks}");
    }
}

/// Must show 6, in small; `cargo xtask torture opening` runs as many rounds as one likes.
fn opening(rounds: u32, stopped: u32) -> Seen {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_andon"));
    Opening { program, rounds, processes: CROWD, stopped }.run().unwrap()
}

#[test]
fn fifty_processes_open_one_fresh_board_at_once() {
    let seen = opening(4, 0);
    assert_eq!((seen.openings, seen.made, seen.adopted), (u64::from(CROWD) * 4, 2, 2));
    assert!(seen.acknowledged > u64::from(CROWD), "{seen:?}");
}

#[test]
fn a_writer_that_is_stopped_within_its_own_write_holds_nobody_up_for_good() {
    let seen = opening(0, 4);
    assert_eq!((seen.continued, seen.killed), (2, 2), "{seen:?}");
    assert!(seen.refused >= 4, "{seen:?}");
}

/// Rounds in which everybody comes and goes.
const ROUNDS: u32 = 4;

/// Whoever comes first looks at a log that others take along, truncate, begin anew or write.
#[test]
fn fifty_processes_come_and_go_beside_programs_that_take_the_log_along() {
    let env = TestEnv::new();
    env.create(&["the first"]);
    let board = env.database();
    for round in 0..ROUNDS {
        let start = |nth| {
            let title = format!("{round}.{nth}");
            let words = if nth % 2 == 0 { vec!["create", &title] } else { vec!["list"] };
            let mut command = env.command();
            command.args(words).stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let crowd: Vec<Child> = (0..CROWD).map(start).collect();
        for last in ["SELECT 1", "wal_checkpoint(TRUNCATE)", "wal_checkpoint(RESTART)", "VACUUM"] {
            let db = Connection::open(&board).unwrap();
            let sql = if last.starts_with("wal") { format!("PRAGMA {last}") } else { last.into() };
            // Busy, perhaps: it tries no less to take the log along when it closes.
            drop(db.prepare(&sql).and_then(|mut it| it.query([])?.next().map(drop)));
        }
        for child in crowd {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    let db = Connection::open(&board).unwrap();
    let count: u32 = db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1 + ROUNDS * CROWD / 2);
}
