//! Whether a directory can hold a board at all. It must not open the board.
//!
//! The write-ahead log is shared memory between processes of one host, and its locks are POSIX
//! locks: both are lies on a file system that lives elsewhere.

use andon_store::{Hint, StoreError};
use rustix::fs::{Access, FsWord};
use rustix::io::Errno;
use std::path::Path;

/// Tells the magic number of the file system that holds a path. A parameter, so that a test can
/// stand on a network without one.
pub(crate) type Probe = fn(&Path) -> rustix::io::Result<FsWord>;

/// Asks the kernel.
pub(crate) fn probe_kernel(path: &Path) -> rustix::io::Result<FsWord> {
    rustix::fs::statfs(path).map(|found| found.f_type)
}

/// File systems on which a board is refused. Numbers: `linux/magic.h` and the sources of each.
const REMOTE: &[(FsWord, &str)] = &[
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFE53_4D42, "SMB 2"),
    (0xFF53_4D42, "CIFS"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x5346_414F, "AFS"),
    (0x6B41_4653, "AFS"),
    (0x00C3_6400, "Ceph"),
    (0x7375_7245, "Coda"),
    (0x564C, "NCP"),
    (0x0BD0_0BD0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x0116_1970, "GFS2"),
    (0x7461_636F, "OCFS2"),
    (0x2003_0528, "OrangeFS"),
    (0x1983_0326, "BeeGFS"),
    (0xBACB_ACBC, "VMware shared folder"),
    (0x786F_4256, "VirtualBox shared folder"),
    (0x7C7C_6673, "Parallels shared folder"),
];

/// Usual file systems of one host, for messages.
const LOCAL: &[(FsWord, &str)] = &[
    (0xEF53, "ext4"),
    (0x5846_5342, "XFS"),
    (0x9123_683E, "btrfs"),
    (0x2FC1_2FC1, "ZFS"),
    (0xF2F5_2010, "F2FS"),
    (0xCA45_1A4E, "bcachefs"),
    (0x794C_7630, "overlayfs"),
    (0x0102_1994, "tmpfs: all of it is gone when the host stops"),
];

fn named(known: &[(FsWord, &'static str)], magic: FsWord) -> Option<&'static str> {
    // The kernel reports a signed word on some architectures; the numbers have 32 bits.
    known.iter().find(|(known, _)| (known ^ magic) & 0xFFFF_FFFF == 0).map(|(_, name)| *name)
}

/// The name of a file system of one host, if it is a usual one.
pub(crate) fn local_name(magic: FsWord) -> Option<&'static str> {
    named(LOCAL, magic)
}

/// Refuses a directory on a file system that several hosts may see.
pub(crate) fn require_local(
    board: &Path,
    directory: &Path,
    probe: Probe,
) -> Result<(), StoreError> {
    let magic = probe(directory).map_err(|errno| denied(board, directory, errno))?;
    match named(REMOTE, magic) {
        None => Ok(()),
        Some(name) => Err(StoreError::Refused {
            path: board.to_owned(),
            why: format!("{} is on {name}, where several hosts may write", directory.display()),
            hint: Some(Hint(
                "a board file needs a local disk; for a board of several hosts use PostgreSQL"
                    .to_owned(),
            )),
        }),
    }
}

/// Refuses a board that this user cannot read and write, before SQLite falls back to reading only.
pub(crate) fn require_writable(board: &Path, directory: &Path) -> Result<(), StoreError> {
    let whole = Access::READ_OK | Access::WRITE_OK;
    rustix::fs::access(board, whole).map_err(|errno| denied(board, board, errno))?;
    rustix::fs::access(directory, whole | Access::EXEC_OK)
        .map_err(|errno| denied(board, directory, errno))
}

/// The error for a system call that failed on `object`, the board or its directory. What this
/// process lacks is no fault of the board, and no reason to leave it alone.
pub(crate) fn denied(board: &Path, object: &Path, errno: Errno) -> StoreError {
    let object = object.display();
    if matches!(errno, Errno::MFILE | Errno::NFILE | Errno::NOMEM) {
        return StoreError::Unavailable {
            doing: "open the board",
            why: format!("{object} cannot be opened: {errno}"),
            hint: (errno != Errno::NOMEM).then(|| {
                Hint("raise the limit of open files: `ulimit -n`, or of the service".to_owned())
            }),
        };
    }
    let (why, hint) = match errno {
        Errno::ROFS => (
            format!("{object} is on a read-only file system"),
            "a board is written even when it is read; mount it writable, or copy it elsewhere",
        ),
        Errno::ACCESS | Errno::PERM => (
            format!("this user may not read and write {object}"),
            "change its owner or mode, or run as the user who owns the board",
        ),
        other => (
            format!("{object} cannot be reached: {other}"),
            "check the path and the disk behind it",
        ),
    };
    StoreError::Refused { path: board.to_owned(), why, hint: Some(Hint(hint.to_owned())) }
}

#[cfg(test)]
mod tests;
