//! A writer that is stopped inside its write transaction, by a signal that nobody can refuse. Where
//! nobody else has the board open, it may as well be caught while it makes the log's index anew;
//! then readers are refused, too.

use super::{Opening, Seen};
use crate::torture::Failure;
use andon_store_sqlite::{Depth, Verdict, check_board, holders};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

/// Processes that are started until one is caught inside its transaction, which lasts about as
/// long as a sync of the disk.
const TRIES_MAX: u32 = 400;

/// How long the others wait for their turn.
const BUSY_MS: u64 = 300;

/// What a refusal may take beyond that on a loaded machine. Far less than for ever.
const MARGIN_MS: u64 = 20_000;

/// Bytes of a task that takes a while to be written.
const BODY_BYTES: usize = 100_000;

/// Longest check of a board of a few rows.
const CHECK_MAX: Duration = Duration::from_secs(60);

/// One round: a writer is stopped, others are refused, and it goes on or dies.
pub(super) fn round(opening: &Opening, round: u32, seen: &mut Seen) -> Result<(), Failure> {
    let directory = tempfile::tempdir()?;
    let home = directory.path().canonicalize()?;
    let board = home.join("kanban.db");
    let made = opening.command(&home).args(["create", "First"]).output()?;
    require(made.status.success(), || format!("no first task: {}", said(&made)))?;
    // Somebody who has the board open: nobody needs to make the index anew then.
    let companion = match round % 4 {
        0 | 1 => Some(companion(&board)?),
        _ => None,
    };
    let mut writer = stop_one(opening, &home, &board)?;
    let pid = writer.id();
    let others = call(opening, &home, &["create", "Refused"]).and_then(|write| {
        require(write.is_refused(), || "a second writer got in".to_owned())?;
        write.judge(pid, seen)?;
        let read = call(opening, &home, &["list"])?;
        if read.is_refused() && companion.is_none() {
            seen.indexing += 1;
            return read.judge(pid, seen);
        }
        require(!read.is_refused(), || format!("readers notice: {}", said(&read.output)))
    });
    // The process must not outlive a failure.
    if others.is_err() {
        writer.kill()?;
        writer.wait()?;
        return others;
    }
    if round.is_multiple_of(2) {
        signal(&writer, Signal::CONT)?;
        let ended = writer.wait_with_output()?;
        require(ended.status.success(), || format!("it did not go on: {}", said(&ended)))?;
        require(is_there(&board, "Stopped")?, || "its task is lost".to_owned())?;
        seen.continued += 1;
    } else {
        writer.kill()?;
        writer.wait()?;
        seen.killed += 1;
    }
    drop(companion);
    let after = opening.command(&home).args(["create", "After"]).output()?;
    require(after.status.success(), || format!("nobody can write: {}", said(&after)))?;
    require(is_there(&board, "First")? && is_there(&board, "After")?, || {
        "an acknowledged task is lost".to_owned()
    })?;
    match check_board(&board, Depth::Full, CHECK_MAX)? {
        Verdict::Sound => Ok(()),
        verdict => Err(format!("the board is not sound: {verdict:?}").into()),
    }
}

/// Starts writers until one stands still with the lock of a write transaction in its hands.
fn stop_one(opening: &Opening, home: &Path, board: &Path) -> Result<Child, Failure> {
    let body = "x".repeat(BODY_BYTES);
    for _ in 0..TRIES_MAX {
        let mut command = opening.command(home);
        command.args(["create", "Stopped", "--body", &body]);
        let mut writer = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let pid = Some(writer.id().cast_signed());
        let in_transaction = || holders(board).transaction.is_some_and(|it| it.pid == pid);
        while writer.try_wait()?.is_none() {
            if in_transaction() {
                signal(&writer, Signal::STOP)?;
                break;
            }
        }
        // It may have ended the transaction, or itself, before the signal came.
        if writer.try_wait()?.is_none() {
            if in_transaction() {
                return Ok(writer);
            }
            signal(&writer, Signal::CONT)?;
            writer.wait()?;
        }
    }
    Err(format!("no writer of {TRIES_MAX} was caught inside its transaction").into())
}

/// A connection as a program has one that lives long: closing it removes no log.
fn companion(board: &Path) -> Result<Connection, Failure> {
    let db = Connection::open(board)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let _tasks: i64 = db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0))?;
    Ok(db)
}

/// A call of somebody else, and how long it took.
struct Called {
    output: Output,
    took_ms: u64,
}

fn call(opening: &Opening, home: &Path, arguments: &[&str]) -> Result<Called, Failure> {
    let begun = Instant::now();
    let mut command = opening.command(home);
    command.env("ANDON_BUSY_TIMEOUT_MS", BUSY_MS.to_string());
    let output = command.args(arguments).arg("--json").output()?;
    Ok(Called { output, took_ms: u64::try_from(begun.elapsed().as_millis())? })
}

impl Called {
    fn is_refused(&self) -> bool {
        !self.output.status.success()
    }

    /// A refusal comes in bounded time, and says by whom the board is held.
    fn judge(&self, pid: u32, seen: &mut Seen) -> Result<(), Failure> {
        let (text, took_ms) = (said(&self.output), self.took_ms);
        let name = format!("held by process {pid} (");
        require(text.contains("\"busy\""), || format!("another error: {text}"))?;
        require(text.contains(&name), || format!("not named: {text}"))?;
        require(took_ms < BUSY_MS + MARGIN_MS, || format!("it took {took_ms} ms: {text}"))?;
        seen.refused += 1;
        seen.refused_ms_max = seen.refused_ms_max.max(took_ms);
        Ok(())
    }
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

fn is_there(board: &Path, title: &str) -> Result<bool, Failure> {
    let sql = "SELECT count(*) FROM tasks WHERE title = ?1";
    let found: i64 = Connection::open(board)?.query_row(sql, [title], |row| row.get(0))?;
    Ok(found > 0)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[expect(clippy::disallowed_methods, reason = "the engine plays the hand that stops")]
fn signal(child: &Child, signal: Signal) -> Result<(), Failure> {
    let pid = Pid::from_raw(child.id().cast_signed()).ok_or("a process without a number")?;
    Ok(kill_process(pid, signal)?)
}
