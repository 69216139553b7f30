//! Finds out who holds a lock file, for messages only. Nothing may depend on the answer: it may be
//! outdated when it is read, and other containers' processes are not seen.

use andon_store::BusyHolder;
use std::path::Path;

/// The byte of the index that whoever writes to the log has locked (`WAL_WRITE_LOCK`, which stands
/// at `UNIX_SHM_BASE` in SQLite's sources).
const WRITE_LOCK_BYTE: &str = "120";

/// The process that holds an exclusive `flock` on the file, as far as the kernel tells.
pub(super) fn find(path: &Path) -> BusyHolder {
    find_by(path, |lock| lock.kind == "FLOCK")
}

/// The process that has a write transaction on the board with this index, as far as the kernel
/// tells.
pub(super) fn find_writer(index: &Path) -> BusyHolder {
    find_by(index, |lock| lock.kind == "POSIX" && lock.first == WRITE_LOCK_BYTE)
}

#[expect(clippy::disallowed_methods, reason = "reads /proc, not a board")]
fn find_by(path: &Path, wanted: impl Fn(&Lock<'_>) -> bool) -> BusyHolder {
    let Ok(found) = rustix::fs::stat(path) else { return BusyHolder::default() };
    let Ok(locks) = std::fs::read_to_string("/proc/locks") else { return BusyHolder::default() };
    let major = rustix::fs::major(found.st_dev);
    let minor = rustix::fs::minor(found.st_dev);
    let file = format!("{major:02x}:{minor:02x}:{}", found.st_ino);
    let mut locks = locks.lines().filter_map(Lock::read);
    let pid = locks.find(|lock| lock.file == file && wanted(lock)).map(|lock| lock.pid);
    let program = pid
        .and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/comm")).ok())
        .map(|name| name.trim_end().to_owned());
    BusyHolder { pid, program }
}

/// An exclusive lock that somebody in sight holds.
#[derive(Debug, PartialEq, Eq)]
struct Lock<'a> {
    kind: &'a str,
    pid: i32,
    file: &'a str,
    /// First byte of its range.
    first: &'a str,
}

impl<'a> Lock<'a> {
    /// Reads a line such as `1: FLOCK ADVISORY WRITE 4711 fe:00:131 0 EOF`. A process that waits
    /// has an arrow behind the number; a process out of sight has pid 0 or -1.
    fn read(line: &'a str) -> Option<Self> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, kind, _, "WRITE", pid, file, first, ..] = words[..] else { return None };
        let pid = pid.parse().ok().filter(|pid| *pid > 0)?;
        Some(Self { kind, pid, file, first })
    }
}

#[cfg(test)]
mod tests;
