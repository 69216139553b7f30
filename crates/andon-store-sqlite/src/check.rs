//! Checks a board's structure with SQLite's own means, and gives up in time. It must not repair.

use crate::connect::{self, ConnectOptions};
use crate::{exists, fault};
use andon_store::StoreError;
use rusqlite::{Connection, ErrorCode, ffi};
use std::path::Path;
use std::time::{Duration, Instant};

/// How thorough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Pages and rows, without comparing indexes to their tables.
    Quick,
    /// Everything. Several times slower.
    Full,
}

/// What a check found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong.
    Sound,
    /// What is wrong, in SQLite's words.
    Damaged(Vec<String>),
    /// The time was over first. Nothing wrong was found until then.
    OutOfTime,
}

/// Findings that are listed; a damaged file has either a few or endlessly many.
const FINDINGS_MAX: u32 = 100;

/// Steps of SQLite's machine between two looks at the clock: well below a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 1000;

/// How long a check waits for another process that has the board for itself.
const BUSY: Duration = Duration::from_secs(5);

/// Checks the board at a path, for at most `limit`: also one that cannot be opened otherwise. Run
/// by `doctor`, and before a board goes into quarantine.
pub fn check_board(path: &Path, depth: Depth, limit: Duration) -> Result<Verdict, StoreError> {
    let path = exists::locate(path)?;
    exists::refuse(&path, &exists::look(&path)?)?;
    let mut connection = connect::open_file(&path, &ConnectOptions { busy: BUSY })?;
    check(&mut connection, depth, limit)
}

/// Checks the board of a connection, for at most `limit`.
pub(crate) fn check(
    connection: &mut Connection,
    depth: Depth,
    limit: Duration,
) -> Result<Verdict, StoreError> {
    let failed = |error| fault::of("check the board", error);
    let since = Instant::now();
    let is_over = move || since.elapsed() >= limit;
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_over)).map_err(failed)?;
    let findings = findings(connection, depth);
    connection.progress_handler(0, None::<fn() -> bool>).map_err(failed)?;
    match findings {
        Ok(lines) if lines == ["ok"] => Ok(Verdict::Sound),
        Ok(lines) => match unread(&lines) {
            Some(code) => Err(failed(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))),
            None => Ok(Verdict::Damaged(lines)),
        },
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Ok(Verdict::OutOfTime),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Ok(Verdict::Damaged(vec![fault::cause(&error)]))
            }
            _ => Err(failed(error)),
        },
    }
}

/// Whether a finding is about the content of an index, which can be written anew without loss. A
/// page of an index that cannot be read is not: what else is on the disk there is not known.
pub fn is_of_index(finding: &str) -> bool {
    ["missing from index", "entries in index", "differ from index", "non-unique entry in index"]
        .iter()
        .any(|words| finding.contains(words))
}

/// SQLite's code where a page could not be read: SQLite counts that among the findings, but the
/// disk has failed, and nothing is known of the board.
fn unread(lines: &[String]) -> Option<i32> {
    let said = lines.iter().flat_map(|line| line.lines());
    let code = |line: &str| line.rsplit_once(CODE)?.1.trim_matches([' ', '=']).parse::<i32>().ok();
    let codes = said.filter_map(code);
    // An extended code has the plain one in its lowest byte.
    codes.into_iter().find(|code| matches!(code & 0xFF, ffi::SQLITE_IOERR | ffi::SQLITE_NOMEM))
}

/// What stands before the code in such a finding.
const CODE: &str = "error code";

fn findings(connection: &Connection, depth: Depth) -> rusqlite::Result<Vec<String>> {
    let pragma = match depth {
        Depth::Quick => "quick_check",
        Depth::Full => "integrity_check",
    };
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}({FINDINGS_MAX})"))?;
    let lines = statement.query_map([], |row| row.get(0))?;
    lines.collect()
}

#[cfg(test)]
mod tests;
