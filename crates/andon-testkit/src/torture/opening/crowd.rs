//! A crowd that opens one fresh board at the same moment.

use super::{Opening, Seen};
use crate::torture::Failure;
use andon_store_sqlite::{Depth, Verdict, check_board};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// Longest check of a board of a hundred rows.
const CHECK_MAX: Duration = Duration::from_secs(60);

/// Files that a round may leave: the board with its log, and the locks.
const FILES: [&str; 5] =
    ["kanban.db", "kanban.db-shm", "kanban.db-wal", "kanban.db.init.lock", "kanban.db.writer.lock"];

/// A board of the peer with one task, as its own program leaves one: unmarked, in WAL mode.
const OF_THE_PEER: &str = "PRAGMA journal_mode = WAL;
    CREATE TABLE tasks (id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT, assignee TEXT,
        status TEXT NOT NULL, priority INTEGER DEFAULT 0, created_by TEXT,
        created_at INTEGER NOT NULL, started_at INTEGER, completed_at INTEGER,
        workspace_kind TEXT NOT NULL DEFAULT 'scratch', workspace_path TEXT, claim_lock TEXT,
        claim_expires INTEGER);
    INSERT INTO tasks (id, title, status, created_at) VALUES ('t_0000000a', 'Old', 'ready', 1);";

/// The id of that task.
const OLD_TASK: &str = "t_0000000a";

/// One round: everybody at once, then the board is looked at.
pub(super) fn round(opening: &Opening, round: u32, seen: &mut Seen) -> Result<(), Failure> {
    let directory = tempfile::tempdir()?;
    let home = directory.path().canonicalize()?;
    let board = home.join("kanban.db");
    let is_adopted = round % 2 == 1;
    if is_adopted {
        Connection::open(&board)?.execute_batch(OF_THE_PEER)?;
    }
    let outputs = all_at_once(opening, &home)?;
    let mut tasks = BTreeSet::new();
    for (number, output) in outputs.iter().enumerate() {
        tasks.extend(acknowledged(number, output, is_adopted)?);
    }
    seen.openings += u64::try_from(outputs.len())?;
    seen.acknowledged += u64::try_from(tasks.len())?;
    if is_adopted {
        tasks.insert(OLD_TASK.to_owned());
        seen.adopted += 1;
    } else {
        seen.made += 1;
    }
    look(&board, &tasks)?;
    leftovers(&home, is_adopted)
}

/// Starts the crowd behind a gate and opens it: each process waits for the end of its input.
fn all_at_once(opening: &Opening, home: &Path) -> Result<Vec<Output>, Failure> {
    let mut crowd = Vec::new();
    for number in 0..opening.processes {
        let mut call = opening.command(home);
        match number % 3 {
            0 => call.args(["init", "--json"]),
            1 => call.args(["create", &format!("Task {number}"), "--json"]),
            _ => call.args(["create", &format!("Task {number}"), "--triage", "--json"]),
        };
        crowd.push(behind_the_gate(&call)?);
    }
    crowd.iter_mut().for_each(|child| drop(child.stdin.take()));
    crowd.into_iter().map(|child| Ok(child.wait_with_output()?)).collect()
}

/// The same call behind a shell that waits until its input ends.
fn behind_the_gate(call: &Command) -> Result<Child, Failure> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "read gate; exec \"$0\" \"$@\" < /dev/null"]);
    command.arg(call.get_program()).args(call.get_args());
    command.env_clear().envs(call.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = call.get_current_dir() {
        command.current_dir(directory);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command.spawn()?)
}

/// The task that a call says it made, if it makes one. Whoever adopts the board says so; nothing
/// else may be said.
fn acknowledged(
    number: usize,
    output: &Output,
    is_adopted: bool,
) -> Result<Option<String>, Failure> {
    let said = String::from_utf8_lossy(&output.stderr);
    let is_quiet = said.is_empty() || is_adopted && said.starts_with("adopted ");
    if !output.status.success() || !is_quiet {
        return Err(format!("process {number} ended with {}: {said}", output.status).into());
    }
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(answer["id"].as_str().map(str::to_owned))
}

/// One schema, sound, with every task that was acknowledged and no other.
fn look(board: &Path, tasks: &BTreeSet<String>) -> Result<(), Failure> {
    match check_board(board, Depth::Full, CHECK_MAX)? {
        Verdict::Sound => {}
        verdict => return Err(format!("the board is not sound: {verdict:?}").into()),
    }
    let db = Connection::open(board)?;
    let list = |sql: &str| -> rusqlite::Result<Vec<String>> {
        db.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
    };
    let found: BTreeSet<String> = list("SELECT id FROM tasks")?.into_iter().collect();
    if found != *tasks {
        let lost: Vec<_> = tasks.difference(&found).collect();
        let extra: Vec<_> = found.difference(tasks).collect();
        return Err(format!("acknowledged and lost: {lost:?}; never made: {extra:?}").into());
    }
    let names = list("SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1")?;
    let expected = schema()?;
    if names != expected {
        return Err(format!("the schema is {names:?}, not {expected:?}").into());
    }
    Ok(())
}

/// The names of a board that one process made alone.
fn schema() -> Result<Vec<String>, Failure> {
    let directory = tempfile::tempdir()?;
    let board = directory.path().join("kanban.db");
    let world = crate::world::World::new(andon_core::policy::Policy::default());
    let options = andon_store_sqlite::Options::default();
    drop(andon_store_sqlite::SqliteStore::create(&board, options, world.environment())?);
    let db = Connection::open(&board)?;
    let sql = "SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1";
    let names = db.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names)
}

/// Nothing is left of those who came second; of an adoption there is one copy.
fn leftovers(home: &Path, is_adopted: bool) -> Result<(), Failure> {
    let mut copies = 0;
    for entry in std::fs::read_dir(home)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("kanban.db.before-andon-") {
            copies += 1;
        } else if !FILES.contains(&name.as_str()) {
            return Err(format!("{name} is left").into());
        }
    }
    let expected = usize::from(is_adopted);
    if copies == expected {
        return Ok(());
    }
    Err(format!("{copies} copies of the board as it was, expected {expected}").into())
}
