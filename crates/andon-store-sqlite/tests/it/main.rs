//! The board in one file, held to what every store must do and compared with the model.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod conformance;
mod failing_disk;
mod odd_rows;
mod one_writer;
mod opening;
mod sequence;
mod writing;

use andon_store::{Environment, Store};
use andon_store_sqlite::{Options, SqliteStore};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// A directory in which every board gets a file of its own.
struct Boards {
    directory: TempDir,
    made: AtomicU32,
}

impl Boards {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory for tests can be made");
        Self { directory, made: AtomicU32::new(0) }
    }

    fn next_path(&self) -> PathBuf {
        let nth = self.made.fetch_add(1, Ordering::SeqCst);
        self.directory.path().join(format!("board-{nth}.db"))
    }

    fn create(&self, environment: Environment) -> Box<dyn Store> {
        let board = SqliteStore::create(&self.next_path(), Options::default(), environment);
        Box::new(board.expect("a board can be made in an empty directory"))
    }
}
