//! Moving the log's pages into the database. Only ever by whoever holds the writer lock, and never
//! in a way that waits for readers or removes the log.

use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Pages in the log after the last commit of a connection, as SQLite reports them: the file's size
/// tells nothing, because a log that was checkpointed is used again from its beginning.
pub(crate) struct LogLength(Arc<AtomicU32>);

impl LogLength {
    /// Has SQLite report the length at each commit of this connection.
    pub(crate) fn watch(db: &mut Connection) -> rusqlite::Result<Self> {
        let pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&pages);
        db.wal_hook(Some(move |_: &mut _, now| {
            seen.store(u32::try_from(now).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self(pages))
    }

    /// Whether the log has grown to so many pages.
    pub(crate) fn has_reached(&self, pages: u32) -> bool {
        self.0.load(Ordering::Relaxed) >= pages
    }

    /// Checkpoints (PASSIVE). A failure costs nothing: the log keeps every commit, and the next
    /// batch tries again.
    pub(crate) fn checkpoint(&self, db: &Connection) {
        if andon_faults::reach("writer.checkpoint").is_err() {
            return;
        }
        let _next_time = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        self.0.store(0, Ordering::Relaxed);
    }
}
