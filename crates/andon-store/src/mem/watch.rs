//! Watching a board in memory.

use super::board::Board;
use crate::{StoreError, Watch};
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, PoisonError};

/// How soon to ask again, in milliseconds. There is no descriptor to wait on; the model serves
/// tests, whose limits are a thousand times longer.
const INTERVAL_MS: u64 = 2;

/// Compares the number of commits with the one seen last.
pub(super) struct MemWatch {
    board: Arc<Mutex<Board>>,
    seen: u64,
}

impl MemWatch {
    pub(super) fn new(board: Arc<Mutex<Board>>) -> Self {
        let seen = commits(&board);
        Self { board, seen }
    }
}

impl Watch for MemWatch {
    fn wake(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    fn changed(&mut self) -> Result<bool, StoreError> {
        let commits = commits(&self.board);
        let changed = commits != self.seen;
        self.seen = commits;
        Ok(changed)
    }

    fn interval_ms(&self) -> u64 {
        INTERVAL_MS
    }
}

fn commits(board: &Mutex<Board>) -> u64 {
    board.lock().unwrap_or_else(PoisonError::into_inner).commits
}
