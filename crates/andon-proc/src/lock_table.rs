//! Who holds locks on a file, for people: in messages and in checks.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Tries to find a lock that is held. The kernel hands its list over in pieces, and a lock that is
/// released between two of them moves the rest up: a line that stands at the border is missing from
/// that reading, though its lock is held all the time. It is rare, so a few readings suffice.
const READINGS_MAX: usize = 16;
/// Bytes asked for at once. The kernel gives a page (4 KiB) at most; asking for less would only
/// make more borders.
const PIECE_BYTES: usize = 16 << 10;
/// Bytes of the list that are looked at: some 75,000 locks.
const LIST_BYTES_MAX: usize = 4 << 20;

/// The kinds of locks a file can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `flock(2)`: belongs to an open file.
    Flock,
    /// Record lock of a process: closing any descriptor of the file gives it back.
    Posix,
    /// Record lock of an open file (`F_OFD_SETLK`). The kernel names no process.
    OpenFile,
}

/// Whether others may hold the same range too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Shared.
    Read,
    /// Exclusive.
    Write,
}

/// A lock that is held; not one that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// What kind.
    pub kind: Kind,
    /// Shared or exclusive.
    pub mode: Mode,
    /// Whose; none for an open file's, and where the holder is out of sight.
    pub pid: Option<i32>,
    /// Device number of the file system, as the kernel has it.
    device: (u32, u32),
    /// The file.
    inode: u64,
    /// First byte of its range.
    pub first: u64,
    /// Last byte of its range; none where it has no end.
    pub last: Option<u64>,
}

impl Lock {
    /// Whether it is on this byte. The kernel makes one lock of neighbours of one process.
    pub fn covers(&self, byte: u64) -> bool {
        self.first <= byte && self.last.is_none_or(|last| byte <= last)
    }
}

/// The first lock of this file that is wanted. `None` when nobody holds one, when the file is not
/// there, and when the kernel does not say.
pub fn find(path: &Path, wanted: impl Fn(&Lock) -> bool) -> Option<Lock> {
    (0..READINGS_MAX).find_map(|_| of(path).ok()?.into_iter().find(&wanted))
}

/// The process with an exclusive `flock` on this file.
pub fn flock_holder(path: &Path) -> Option<i32> {
    find(path, |lock| lock.kind == Kind::Flock && lock.mode == Mode::Write)?.pid
}

/// All locks of this file, by one reading of the list.
pub fn of(path: &Path) -> io::Result<Vec<Lock>> {
    let file = rustix::fs::stat(path)?;
    let device = (rustix::fs::major(file.st_dev), rustix::fs::minor(file.st_dev));
    let list = read()?;
    let of_inode: Vec<Lock> =
        list.lines().filter_map(parse).filter(|lock| lock.inode == file.st_ino).collect();
    let on_device = |lock: &Lock| lock.device == device;
    // Some file systems (btrfs) tell `stat` another device than they tell the kernel's list.
    if of_inode.iter().any(on_device) {
        return Ok(of_inode.into_iter().filter(on_device).collect());
    }
    Ok(of_inode)
}

fn read() -> io::Result<String> {
    let mut list = Vec::new();
    let mut file = File::open("/proc/locks")?;
    let mut piece = vec![0; PIECE_BYTES];
    while list.len() < LIST_BYTES_MAX {
        match file.read(&mut piece)? {
            0 => break,
            read => list.extend_from_slice(&piece[..read]),
        }
    }
    Ok(String::from_utf8_lossy(&list).into_owned())
}

/// Reads a line such as `1: FLOCK  ADVISORY  WRITE 4711 fe:00:131 0 EOF`, see proc_locks(5).
/// Whoever waits has an arrow behind the number.
pub fn parse(line: &str) -> Option<Lock> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [_, kind, _, mode, pid, place, first, last, ..] = words[..] else { return None };
    let kind = match kind {
        "FLOCK" => Kind::Flock,
        "POSIX" => Kind::Posix,
        "OFDLCK" => Kind::OpenFile,
        _ => return None,
    };
    let mode = match mode {
        "READ" => Mode::Read,
        "WRITE" => Mode::Write,
        _ => return None,
    };
    let pid = pid.parse().ok().filter(|pid| *pid > 0);
    let mut place = place.split(':');
    let mut number = || u32::from_str_radix(place.next()?, 16).ok();
    let device = (number()?, number()?);
    let inode = place.next()?.parse().ok()?;
    let first = first.parse().ok()?;
    Some(Lock { kind, mode, pid, device, inode, first, last: last.parse().ok() })
}

#[cfg(test)]
mod tests;
