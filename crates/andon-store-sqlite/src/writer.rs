//! The writer: one thread with the one writing connection of this process and board.
//!
//! Commands queue up; everything queued when the write lock is won shares one commit, each command
//! in its own savepoint, and each caller is answered only after the sync (group commit). Callers
//! bound their own wait: the thread waits for the lock in line, and passes over commands that were
//! given up.

mod batch;
mod queue;

pub(crate) use batch::decide;

use crate::checkpoint::LogLength;
use crate::guard::Identity;
use crate::lock::WriterLock;
use andon_store::{Applied, Environment, Request, StoreError};
use queue::{Queue, Whereabouts};
use rusqlite::Connection;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// What the thread owns.
pub(crate) struct Desk {
    pub(crate) db: Connection,
    pub(crate) env: Environment,
    /// Absent when switched off by a setting.
    pub(crate) lock: Option<Arc<WriterLock>>,
    pub(crate) identity: Identity,
    pub(crate) log: LogLength,
    pub(crate) checkpoint_pages: u32,
}

/// The callers' side of the writer.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
    lock: Option<Arc<WriterLock>>,
}

/// The thread does little of its own; SQLite needs far less than this.
const STACK_BYTES: usize = 512 << 10;

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(desk: Desk) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::default());
        let inner = Arc::clone(&queue);
        let lock = desk.lock.clone();
        let thread = std::thread::Builder::new()
            .name("board-writer".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || work(desk, &inner))
            .map_err(|error| StoreError::Unavailable {
                doing: "start the writer thread",
                why: error.to_string(),
                hint: None,
            })?;
        Ok(Self { queue, thread: Some(thread), lock })
    }

    /// Hands a command over and waits for its answer, at most `wait` until it is taken up.
    pub(crate) fn apply(&self, request: Request, wait: Duration) -> Result<Applied, StoreError> {
        let ticket = self.queue.put(request)?;
        ticket.wait(wait, || self.lock.as_ref().map(|lock| lock.holder()).unwrap_or_default())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let writer = self.queue.close();
        let Some(thread) = self.thread.take() else { return };
        match writer {
            // The thread catches panics of commands; one of its own has nothing to add here.
            Whereabouts::AtDesk => drop(thread.join()),
            // Its caller has given up and must not hang after all. The thread has nothing to write:
            // it ends with the process, or once it gets the lock.
            Whereabouts::Outside => drop(thread),
        }
    }
}

/// The thread: batch after batch until the store is dropped.
fn work(desk: Desk, queue: &Queue) {
    while queue.wait_for_work() {
        let turn = desk.lock.as_deref().map(WriterLock::lock).transpose();
        let batch = queue.take();
        if batch.is_empty() {
            continue;
        }
        match turn.and_then(|turn| desk.identity.verify().map(|()| turn)) {
            Err(error) => batch::answer_all(batch, &error),
            Ok(_turn) => {
                batch::carry_out(&desk, batch);
                // Under the same lock: checkpoints and writes never overlap (design §4, rule 5).
                desk.log.checkpoint_beyond(desk.checkpoint_pages, &desk.db);
            }
        }
    }
}
