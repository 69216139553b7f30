//! Where an engine puts its boards: in memory, where the machine has such a file system, since the
//! time of a short sequence is otherwise that of the disk. SQLite syncs all the same.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// A file system in memory on nearly every Linux.
const IN_MEMORY: &str = "/dev/shm";

/// A directory for boards, gone with this value.
pub(super) struct BoardPlace {
    directory: TempDir,
    made: AtomicU64,
}

impl BoardPlace {
    /// Makes the directory.
    pub(super) fn new() -> std::io::Result<Self> {
        let in_memory = Path::new(IN_MEMORY).is_dir();
        let directory = if in_memory { TempDir::new_in(IN_MEMORY)? } else { tempfile::tempdir()? };
        Ok(Self { directory, made: AtomicU64::new(0) })
    }

    /// A path that no board had.
    pub(super) fn next_path(&self) -> PathBuf {
        let nth = self.made.fetch_add(1, Ordering::SeqCst);
        self.directory.path().join(format!("board-{nth}.db"))
    }

    /// Removes the boards of before, whose stores are gone.
    pub(super) fn clear(&self) {
        let entries = std::fs::read_dir(self.directory.path()).into_iter().flatten().flatten();
        for entry in entries {
            // What cannot be removed goes with the directory.
            drop(std::fs::remove_file(entry.path()));
        }
    }
}
