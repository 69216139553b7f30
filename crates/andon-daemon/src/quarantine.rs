//! Quarantine: a board that fails to open or answers with corruption is left alone for a while.
//!
//! One record for each board in quarantine, in a file of the home, so that every process that would
//! open the board can see and honour it. A board's trouble is recorded here and nowhere else; this
//! module opens no database.

use crate::home::{Home, Layout};
use crate::private::{self, Durability};
use andon_core::id::BoardSlug;
use andon_core::policy::quarantine::wait;
use andon_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Doubts in a row, each refuted by the check of the board, after which it is believed anyway: a
/// board that fails every pass helps nobody, whatever its file looks like.
const DOUBTS_MAX: u32 = 3;

/// Largest record read. The longest part is an error's text.
const RECORD_BYTES_MAX: u64 = 64 << 10;

/// A board in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Why, in a sentence.
    pub reason: String,
    /// Since when, in Unix seconds.
    pub since: i64,
    /// When the board is looked at again, in Unix seconds.
    pub next: i64,
    /// Looks that failed so far.
    pub attempts: u32,
    /// What the file looked like; a changed file ends the quarantine.
    pub fingerprint: Option<Fingerprint>,
}

/// What can be told of a file without opening it: opening a board's file outside SQLite would
/// cancel the locks of this process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Size in bytes.
    pub size: u64,
    /// Inode number: a file that was moved into place is another one.
    pub inode: u64,
    /// Last change, in nanoseconds since the Unix epoch.
    pub modified_ns: i128,
}

impl Fingerprint {
    /// Looks at a file; `None` where there is none.
    pub fn of(file: &Path) -> Option<Self> {
        let stat = fs::metadata(file).ok()?;
        let modified_ns = i128::from(stat.mtime()) * 1_000_000_000 + i128::from(stat.mtime_nsec());
        Some(Self { size: stat.size(), inode: stat.ino(), modified_ns })
    }
}

impl Record {
    /// Whether the board is still to be left alone.
    pub fn holds(&self, now: Timestamp, fingerprint: Option<&Fingerprint>) -> bool {
        now.0 < self.next && self.fingerprint.as_ref() == fingerprint
    }
}

/// How a board stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// In order.
    Clear,
    /// Something failed; the check of the board found nothing wrong, so far so often.
    Suspect {
        /// Doubts in a row.
        doubts: u32,
    },
    /// In quarantine.
    Confirmed(Record),
}

/// What was found out about a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A whole pass went well.
    Good,
    /// Something failed, but the check of the board found nothing.
    Doubtful(String),
    /// The board is in trouble.
    Bad(String),
}

/// Circumstances of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// The time.
    pub now: Timestamp,
    /// Spreads the waits.
    pub random: u32,
    /// What the file looks like.
    pub fingerprint: Option<Fingerprint>,
}

/// The state that follows.
pub fn follow(state: &State, finding: &Finding, at: Circumstances) -> State {
    match (finding, state) {
        (Finding::Good, _) => State::Clear,
        (Finding::Doubtful(_), State::Clear) => State::Suspect { doubts: 1 },
        (Finding::Doubtful(_), State::Suspect { doubts }) if *doubts + 1 < DOUBTS_MAX => {
            State::Suspect { doubts: doubts + 1 }
        }
        (Finding::Doubtful(reason) | Finding::Bad(reason), State::Confirmed(record)) => {
            confirmed(reason, Timestamp(record.since), record.attempts, at)
        }
        (
            Finding::Doubtful(reason) | Finding::Bad(reason),
            State::Clear | State::Suspect { .. },
        ) => {
            let since = at.now;
            confirmed(reason, since, 0, at)
        }
    }
}

fn confirmed(reason: &str, since: Timestamp, before: u32, at: Circumstances) -> State {
    let attempts = before.saturating_add(1);
    State::Confirmed(Record {
        reason: reason.to_owned(),
        since: since.0,
        next: (at.now + wait(attempts, at.random)).0,
        attempts,
        fingerprint: at.fingerprint,
    })
}

/// A record that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} quarantine record {}", path.display())]
pub struct RecordError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// Where a board's record lies.
pub fn record_file(home: &Home, slug: &BoardSlug) -> PathBuf {
    let name = format!("{slug}.json");
    home.path().join("kanban").join(".andon").join("quarantine").join(name)
}

/// Reads a board's record, whether or not it still holds.
pub fn read(home: &Home, slug: &BoardSlug) -> Result<Option<Record>, RecordError> {
    let path = record_file(home, slug);
    let failed = |source| RecordError { doing: "read", path: path.clone(), source };
    let file = match private::open_to_read(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut text = Vec::new();
    file.take(RECORD_BYTES_MAX + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > RECORD_BYTES_MAX {
        let why = format!("it is larger than {RECORD_BYTES_MAX} bytes");
        return Err(failed(io::Error::new(ErrorKind::InvalidData, why)));
    }
    serde_json::from_slice(&text).map(Some).map_err(|error| failed(error.into()))
}

/// The record that forbids opening a board now. A record that cannot be read forbids nothing: the
/// store itself still refuses a damaged file.
pub fn in_force(home: &Home, layout: &Layout, now: Timestamp) -> Option<Record> {
    let record = read(home, layout.slug()).ok().flatten()?;
    record.holds(now, Fingerprint::of(layout.database()).as_ref()).then_some(record)
}

/// Stores a board's state for others to see: its record, or that there is none.
pub fn store(home: &Home, slug: &BoardSlug, state: &State) -> Result<(), RecordError> {
    let path = record_file(home, slug);
    let failed = |source| RecordError { doing: "write", path: path.clone(), source };
    match state {
        State::Confirmed(record) => write(&path, record).map_err(failed),
        State::Clear | State::Suspect { .. } => match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
            Ok(()) | Err(_) => Ok(()),
        },
    }
}

/// Replaces the whole file, so that a reader never sees half a record. It is not synced: after a
/// power failure the board is simply looked at again.
fn write(path: &Path, record: &Record) -> io::Result<()> {
    let dir = path.parent().ok_or(ErrorKind::InvalidInput)?;
    private::make_dirs(dir)?;
    private::replace(path, &serde_json::to_vec_pretty(record)?, Durability::Unsynced)
}

#[cfg(test)]
mod tests;
