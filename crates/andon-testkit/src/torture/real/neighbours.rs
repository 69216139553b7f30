//! What else happens to boards: backups and checks while they are written, an old SQLite, the peer,
//! a disk that is full at times. Each goes its own way until the end is told.

use super::call::{fresh_id, heard};
use super::crew::Crew;
use super::home::{Home, SMALL, SmallDisk};
use crate::torture::Failure;
use crate::torture::chance::Chance;
use crate::torture::history::record::now;
use crate::torture::history::{Log, Record, Trace};
use andon_store_sqlite::{Depth, Verdict, check_board};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Between two visits of each neighbour: the machine is not theirs.
const OLD_SQLITE_EVERY: Duration = Duration::from_millis(1_500);
const PEER_EVERY: Duration = Duration::from_secs(12);
const CHECK_EVERY: Duration = Duration::from_secs(20);
const COPY_EVERY: Duration = Duration::from_secs(10);
/// Longest check of a growing board.
const CHECK_LIMIT: Duration = Duration::from_secs(120);
/// Between two looks whether the end has come.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Times that the disk is filled at most: what is made in between stays on it and needs its room.
const FILLS_MAX: u32 = 600;
/// Calls on the small board while its disk is full, and after.
const CALLS: usize = 6;

/// What the neighbours did and found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) did: BTreeMap<&'static str, u64>,
    pub(super) refused: BTreeMap<&'static str, u64>,
    pub(super) findings: Vec<String>,
    /// What could not be done here.
    pub(super) skipped: Vec<&'static str>,
}

impl Seen {
    pub(super) fn merge(&mut self, other: Self) {
        for (what, count) in other.did {
            *self.did.entry(what).or_default() += count;
        }
        for (what, count) in other.refused {
            *self.refused.entry(what).or_default() += count;
        }
        self.findings.extend(other.findings);
        self.skipped.extend(other.skipped);
    }

    fn count(&mut self, what: &'static str, output: &Output) {
        let counts = if output.status.success() { &mut self.did } else { &mut self.refused };
        *counts.entry(what).or_default() += 1;
    }
}

/// Waits, but no longer than until the end.
fn pause(crew: &Crew, span: Duration) {
    let deadline = Instant::now() + span;
    while !crew.is_over() && Instant::now() < deadline {
        super::pace::rest(LOOK_AGAIN.min(span));
    }
}

fn python(home: &Home, arguments: &[&str]) -> std::io::Result<Output> {
    let script = home.logs().with_file_name("neighbour.py");
    let mut command = Command::new("python3");
    command.arg(script).args(arguments).stdin(Stdio::null());
    command.output()
}

/// Python's own SQLite: backups that are checked, comments, reads.
pub(super) fn old_sqlite(home: &Home, crew: &Crew, seed: u64) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    fs::write(home.logs().with_file_name("neighbour.py"), include_str!("neighbour.py"))?;
    let mut log = Log::create(&home.logs().join("old-sqlite.jsonl"))?;
    let mut chance = Chance::new(seed);
    let board = home.board().display().to_string();
    let copy = home.logs().with_file_name("copy.db").display().to_string();
    while !crew.is_over() {
        pause(crew, OLD_SQLITE_EVERY);
        match chance.below(6) {
            0 => {
                let output = python(home, &["backup", &board, &copy])?;
                seen.count("backups by an old SQLite", &output);
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                if output.status.success() && !text.contains("\"integrity\": \"ok\"") {
                    seen.findings.push(format!("a backup is broken: {text}"));
                }
            }
            1 => seen.count("reads by an old SQLite", &python(home, &["read", &board])?),
            _ => {
                let Some(_writing) = crew.turns.write(crew) else { break };
                let op = fresh_id(&mut chance);
                let verb = "comment".to_owned();
                let (task, run) = (None, None);
                log.write(&Record::Start { at: now(), op: op.clone(), verb, task, run })?;
                let output = python(home, &["comment", &board, &format!("op-{op}")])?;
                seen.count("comments by an old SQLite", &output);
                log.write(&heard(op, &output, Trace::Text))?;
            }
        }
    }
    Ok(seen)
}

/// The peer: makes a task, lists all of them. Its list is a write, too.
pub(super) fn peer(home: &Home, crew: &Crew, seed: u64) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    let Some(python) = &home.programs.peer else {
        seen.skipped.push("the peer: it was not asked for (`--with-peer`)");
        return Ok(seen);
    };
    let mut log = Log::create(&home.logs().join("peer.jsonl"))?;
    let mut chance = Chance::new(seed);
    while let Some(writing) = crew.turns.write(crew) {
        let mut command = Command::new(python);
        command.env("HERMES_HOME", home.root()).env("HERMES_KANBAN_DB", home.board());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("HOME", home.logs());
        command.args(["-m", "hermes_cli.main", "kanban"]).stdin(Stdio::null());
        if chance.once_in(2) {
            let op = fresh_id(&mut chance);
            command.args(["create", &format!("op-{op}"), "--json"]);
            let verb = "create".to_owned();
            let (task, run) = (None, None);
            log.write(&Record::Start { at: now(), op: op.clone(), verb, task, run })?;
            let output = command.output()?;
            seen.count("tasks made by the peer", &output);
            log.write(&by_word_of_the_peer(heard(op, &output, Trace::Text)))?;
        } else {
            let output = command.args(["list", "--json"]).output()?;
            seen.count("lists by the peer", &output);
        }
        drop(writing);
        pause(crew, PEER_EVERY);
    }
    Ok(seen)
}

/// The peer may fail after its commit and say so: of its failures nothing is known. It ends with 0
/// whatever happened, too (surfaces reference §1): a creation that names no task was none, or was.
fn by_word_of_the_peer(record: Record) -> Record {
    match record {
        Record::Failed { at, op, why } => Record::Unknown { at, op, why },
        Record::Done { at, op, task: None, .. } => {
            Record::Unknown { at, op, why: "it ended with 0 and named no task".to_owned() }
        }
        other => other,
    }
}

/// SQLite's own check, while everybody writes.
pub(super) fn integrity(home: &Home, crew: &Crew) -> Seen {
    let mut seen = Seen::default();
    while !crew.is_over() {
        pause(crew, CHECK_EVERY);
        match check_board(&home.board(), Depth::Full, CHECK_LIMIT) {
            Ok(Verdict::Sound) => *seen.did.entry("integrity checks").or_default() += 1,
            Ok(Verdict::OutOfTime) => *seen.refused.entry("integrity checks").or_default() += 1,
            Ok(Verdict::Damaged(what)) => seen.findings.push(format!("damaged: {what:?}")),
            Err(error) => seen.findings.push(format!("a check failed: {error}")),
        }
    }
    seen
}

/// Our own copies of the board while everybody writes, and the attempt to put one in its place,
/// which must be refused as long as anybody has the board open.
pub(super) fn copies(home: &Home, crew: &Crew) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    let call = |words: &[&str]| home.andon().args(words).stdin(Stdio::null()).output();
    while !crew.is_over() {
        pause(crew, COPY_EVERY);
        // Dispatchers make backups at the same time, and one of both waits.
        seen.count("backups", &call(&["backup", "--json"])?);
        let output = call(&["restore", "latest", "--replace", "--json"])?;
        seen.count("restores over a board in use", &output);
        if output.status.success() {
            seen.findings.push("a board in use was replaced by its backup".to_owned());
        }
    }
    Ok(seen)
}

/// The board on a disk of its own that is filled up and emptied again, all the time that is told.
pub(super) fn small_disk(
    home: &Home,
    crew: &Crew,
    seed: u64,
    time: Duration,
) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    if home.small == SmallDisk::None {
        seen.skipped.push("the disk that is full at times: this user may not mount one");
        return Ok(seen);
    }
    let mut log = Log::create(&home.small_logs().join("small.jsonl"))?;
    let mut chance = Chance::new(seed);
    let filler = home.small_directory().join("filler");
    while !crew.is_over() {
        fill(&filler)?;
        let refused = create(home, &mut log, &mut chance)?;
        fs::remove_file(&filler)?;
        let after = create(home, &mut log, &mut chance)?;
        *seen.did.entry("times a disk was full").or_default() += 1;
        *seen.refused.entry("calls on a full disk").or_default() += refused as u64;
        if after > 0 {
            seen.findings.push(format!("{after} of {CALLS} calls failed after room was made"));
        }
        pause(crew, Duration::from_secs(1).max(time / FILLS_MAX));
    }
    Ok(seen)
}

/// Takes all room that is left.
fn fill(filler: &Path) -> Result<(), Failure> {
    let mut file = File::create(filler)?;
    for size in [65_536, 4_096, 512] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
    Ok(())
}

/// Calls on the small board; answers how many of them failed.
fn create(home: &Home, log: &mut Log, chance: &mut Chance) -> Result<usize, Failure> {
    let mut failed = 0;
    for _ in 0..CALLS {
        let op = fresh_id(chance);
        let verb = "create".to_owned();
        let (task, run) = (None, None);
        log.write(&Record::Start { at: now(), op: op.clone(), verb, task, run })?;
        let mut command = home.andon();
        let body = "x".repeat(4_000);
        command.args(["create", &format!("op-{op}"), "--board", SMALL, "--body", &body, "--json"]);
        let output = command.stdin(Stdio::null()).output()?;
        failed += usize::from(!output.status.success());
        log.write(&heard(op, &output, Trace::Text))?;
    }
    Ok(failed)
}
