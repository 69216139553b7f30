//! One process, or all of them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// One process, as `/proc/<pid>/stat` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Process number.
    pub pid: i32,
    /// State letter; `Z` and `X` are dead.
    pub state: char,
    /// Process number of the parent.
    pub parent: i32,
    /// Session number.
    pub session: i32,
    /// Processor time of it and of the children it has reaped, in clock ticks.
    pub cpu_ticks: u64,
    /// Start time in clock ticks since boot: field 22.
    pub started: u64,
    /// Resident memory in pages.
    pub resident_pages: u64,
}

impl Stat {
    /// Whether it has ended, reaped or not.
    pub fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }

    /// Whether it was told to stand still, by a signal or by a debugger.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, 'T' | 't')
    }
}

/// Reads one process. `NotFound` when there is none of this number.
pub fn read(pid: i32) -> io::Result<Stat> {
    let text = fs::read(format!("/proc/{pid}/stat")).map_err(|error| {
        // The process may end between open and read; the kernel then says ESRCH.
        if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) {
            io::Error::new(io::ErrorKind::NotFound, error)
        } else {
            error
        }
    })?;
    parse(&String::from_utf8_lossy(&text))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("/proc/{pid}/stat")))
}

/// Reads all processes; those that end meanwhile are left out.
pub fn all() -> io::Result<Vec<Stat>> {
    let mut stats = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let pid = name.to_str().and_then(|name| name.parse().ok());
        stats.extend(pid.and_then(|pid| read(pid).ok()));
    }
    Ok(stats)
}

/// Descendants followed at most: as many processes as a kernel has by default. A tree that grows
/// while it is walked ends the walk here.
const BELOW_MAX: usize = 32_768;

/// Reads all descendants of a process, by the kernel's lists of children: this costs what the tree
/// costs, however many other processes there are. One that ends while it is looked for may be
/// missing, and what is below it with it: good enough to measure a tree, not to end it.
/// `Unsupported` where the kernel keeps no such lists (`CONFIG_PROC_CHILDREN`).
pub fn below(pid: i32) -> io::Result<Vec<Stat>> {
    if !Path::new("/proc/thread-self/children").exists() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let mut next = children(pid)?;
    let mut seen: HashSet<i32> = next.iter().copied().collect();
    let mut stats = Vec::new();
    while let Some(child) = next.pop()
        && seen.len() <= BELOW_MAX
    {
        let below = children(child).unwrap_or_default();
        next.extend(below.into_iter().filter(|pid| seen.insert(*pid)));
        stats.extend(read(child).ok());
    }
    Ok(stats)
}

/// The children of a process, each in the list of the thread that it is a child of.
fn children(pid: i32) -> io::Result<Vec<i32>> {
    let mut pids = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread that has ended since has handed its children on.
        let list = fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
        pids.extend(list.split_ascii_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
    }
    Ok(pids)
}

/// The name of its program, as the kernel keeps it: 15 bytes at most.
pub fn program(pid: i32) -> Option<String> {
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(&name).trim_end().to_owned())
}

/// Its arguments, the program first. None for a process of the kernel, of another user who keeps
/// them to himself, and for one that has ended.
pub fn arguments(pid: i32) -> Option<Vec<OsString>> {
    let text = fs::read(format!("/proc/{pid}/cmdline")).ok().filter(|text| !text.is_empty())?;
    let text = text.strip_suffix(b"\0").unwrap_or(&text);
    Some(text.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_vec())).collect())
}

/// The signals that this process ignores. Nothing where the kernel does not tell.
pub fn ignored_signals() -> Vec<i32> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    (1..=64).filter(|signal| mask >> (signal - 1) & 1 == 1).collect()
}

/// The file of its program, if this user may know.
pub fn executable(pid: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

/// Reads the text of `/proc/<pid>/stat`. The program's name may hold blanks and brackets, so fields
/// are counted from the last bracket.
pub fn parse(text: &str) -> Option<Stat> {
    let (head, tail) = text.rsplit_once(')')?;
    let pid = head.split_once(' ')?.0.parse().ok()?;
    let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
    // proc_pid_stat(5) counts from 1 and the state is field 3.
    let field = |number: usize| fields.get(number - 3).copied();
    let number = |at: usize| field(at).and_then(|text| text.parse::<u64>().ok());
    let mut cpu_ticks = 0;
    for at in 14..=17 {
        cpu_ticks = number(at)?.checked_add(cpu_ticks)?;
    }
    Some(Stat {
        pid,
        state: field(3)?.chars().next()?,
        parent: field(4)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        cpu_ticks,
        started: number(22)?,
        resident_pages: number(24)?,
    })
}

#[cfg(test)]
mod tests;
