//! What happened to a disk, in order.

use super::{Disk, FileId, State};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as what happens")]
pub enum Op {
    Write { file: FileId, at: u64, bytes: Arc<[u8]> },
    Truncate { file: FileId, size: u64 },
    Sync { file: FileId },
    Link { name: OsString, file: FileId },
    Unlink { name: OsString },
    Rename { from: OsString, to: OsString, file: FileId },
    SyncNames { directory: OsString },
}

/// Which states of a board a power cut may leave: any from the last one that was acknowledged to
/// the one that a command in flight would make. They are numbers of states in the order of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// Acknowledged.
    pub least: usize,
    /// In flight.
    pub most: usize,
}

/// Something that happened, and what a cut just before it may leave.
#[derive(Debug, Clone)]
pub struct Logged {
    /// What.
    pub op: Op,
    /// When.
    pub window: Window,
}

impl State {
    pub(super) fn record(&mut self, op: impl FnOnce() -> Op) {
        let window = self.window;
        if let Some(log) = &mut self.log {
            log.push(Logged { op: op(), window });
        }
    }
}

impl Disk {
    /// Makes the names in a directory durable.
    pub(super) fn sync_names(&self, state: &mut State, directory: &Path) {
        self.look_at_names(state);
        let Some(directory) = self.directory_name(directory) else { return };
        if !state.habits.lies_about_names {
            state.record(|| Op::SyncNames { directory });
        }
    }
}
