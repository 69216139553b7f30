//! Finds out who holds a lock file, for messages only. Nothing may depend on the answer: it may be
//! outdated when it is read, and other containers' processes are not seen.

use andon_store::BusyHolder;
use std::path::Path;

/// The process that holds an exclusive `flock` on the file, as far as the kernel tells.
#[expect(clippy::disallowed_methods, reason = "reads /proc, not a board")]
pub(super) fn find(path: &Path) -> BusyHolder {
    let Ok(found) = rustix::fs::stat(path) else { return BusyHolder::default() };
    let Ok(locks) = std::fs::read_to_string("/proc/locks") else { return BusyHolder::default() };
    let major = rustix::fs::major(found.st_dev);
    let minor = rustix::fs::minor(found.st_dev);
    let wanted = format!("{major:02x}:{minor:02x}:{}", found.st_ino);
    let pid = locks.lines().find_map(|line| pid_of_holder(line, &wanted));
    let program = pid
        .and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/comm")).ok())
        .map(|name| name.trim_end().to_owned());
    BusyHolder { pid, program }
}

/// Reads a line such as `1: FLOCK ADVISORY WRITE 4711 fe:00:131 0 EOF`. A process that waits has an
/// arrow behind the number; a process out of sight has pid 0 or -1.
fn pid_of_holder(line: &str, wanted: &str) -> Option<i32> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words[..] {
        [_, "FLOCK", _, "WRITE", pid, file, ..] if file == wanted => {
            pid.parse().ok().filter(|pid| *pid > 0)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
