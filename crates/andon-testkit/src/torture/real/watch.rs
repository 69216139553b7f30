//! What must hold of the processes themselves while they run: nobody uses a log that was deleted,
//! and whoever guards a board guards it to his end.

use andon_proc::process;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// First byte of the database that a guard locks, and of the index (design §4, rule 4).
const DATABASE_FIRST: &str = "1073741826";
const INDEX_FIRST: &str = "128";

/// A process and the file that it guards.
type Guarded = (i32, u64, PathBuf);

/// Looks at all processes from time to time.
#[derive(Debug, Default)]
pub(super) struct Watch {
    boards: Vec<PathBuf>,
    guarding: HashSet<Guarded>,
    /// Guards that were seen at least once.
    pub(super) guards_seen: u64,
    pub(super) looks: u64,
    pub(super) descriptors: u64,
    pub(super) findings: Vec<String>,
}

impl Watch {
    pub(super) fn new(boards: Vec<PathBuf>) -> Self {
        Self { boards, ..Self::default() }
    }

    /// One look at every process.
    pub(super) fn look(&mut self) {
        self.looks += 1;
        let mut guarding = HashSet::new();
        let mut living = HashMap::new();
        for stat in process::all().unwrap_or_default() {
            let Some(found) = self.look_at(stat.pid) else { continue };
            // Whoever ended while he was looked at had fewer descriptors than he had before.
            let same = process::read(stat.pid).is_ok_and(|now| now.started == stat.started);
            if !same {
                continue;
            }
            living.insert(stat.pid, stat.started);
            guarding.extend(found.into_iter().map(|path| (stat.pid, stat.started, path)));
        }
        for (pid, started, path) in self.guarding.difference(&guarding) {
            let ended =
                process::read(*pid).map_or(true, |now| now.started != *started || now.is_dead());
            if living.get(pid) == Some(started) && !ended {
                let path = path.display();
                self.findings.push(format!("process {pid} no longer guards {path}"));
            }
        }
        self.guards_seen += guarding.difference(&self.guarding).count() as u64;
        self.guarding = guarding;
    }

    /// The files that a process guards; nothing of one that is ending, which has lost all its
    /// descriptors at once. Whatever it should not have open becomes a finding.
    fn look_at(&mut self, pid: i32) -> Option<Vec<PathBuf>> {
        let mut guarded = Vec::new();
        let mut entries =
            fs::read_dir(format!("/proc/{pid}/fd")).ok()?.filter_map(Result::ok).peekable();
        entries.peek()?;
        for entry in entries {
            let Ok(link) = fs::read_link(entry.path()) else { continue };
            let Some(board) = self.boards.iter().find(|board| belongs(&link, board)) else {
                continue;
            };
            self.descriptors += 1;
            let text = link.to_string_lossy();
            if text.ends_with(" (deleted)") {
                let who = process::program(pid).unwrap_or_default();
                self.findings.push(format!("process {pid} ({who}) holds {text}"));
                continue;
            }
            let first = if link == *board { DATABASE_FIRST } else { INDEX_FIRST };
            let name = entry.file_name();
            let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{}", name.display()));
            if info.is_ok_and(|info| info.lines().any(|line| is_guard(line, first))) {
                guarded.push(link);
            }
        }
        Some(guarded)
    }
}

/// Whether a link names the board's database, log or index, deleted or not.
fn belongs(link: &Path, board: &Path) -> bool {
    let (link, board) = (link.to_string_lossy(), board.to_string_lossy());
    let Some(rest) = link.strip_prefix(board.as_ref()) else { return false };
    let rest = rest.strip_suffix(" (deleted)").unwrap_or(rest);
    matches!(rest, "" | "-wal" | "-shm")
}

/// Whether a line of a descriptor's information is the lock of a guard.
fn is_guard(line: &str, first: &str) -> bool {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let ["lock:", _, "OFDLCK", _, "READ", _, _, begin, _] = words[..] else { return false };
    begin == first
}

#[cfg(test)]
mod tests;
