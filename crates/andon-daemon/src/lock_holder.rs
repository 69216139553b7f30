//! Which process holds a lock file, for messages.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The process that holds the `flock` of a file, if it runs on this host and the kernel says.
/// Devices are not compared: file systems disagree with the kernel's list about them, and the
/// answer is a hint.
pub fn of(path: &Path) -> Option<u32> {
    let inode = fs::metadata(path).ok()?.ino();
    // A line reads `1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF`; waiters have `->` second.
    let locks = fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let kind = words.next()?;
        let pid = words.nth(2)?.parse().ok()?;
        let place = words.next()?;
        let locked_inode: u64 = place.rsplit(':').next()?.parse().ok()?;
        (kind == "FLOCK" && locked_inode == inode).then_some(pid)
    })
}
