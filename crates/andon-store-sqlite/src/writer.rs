//! The writer: the one writing connection of this process and board.
//!
//! A command that finds nobody writing and nobody waiting is carried out at once, on its caller's
//! own thread. All others queue up for the writer's thread: everything queued when it wins the
//! write lock, and what joins the queue until it has carried that out, shares one commit, and each
//! caller is answered only after the sync (group commit).
//! Callers bound their own wait: the thread waits for the lock in line, and passes over commands
//! that were given up.

mod batch;
mod queue;

pub(crate) use batch::decide;

use crate::checkpoint::LogLength;
use crate::guard::Identity;
use crate::lock::WriterLock;
use andon_store::{Environment, Request, StoreError};
use queue::{Answer, Job, Queue, Whereabouts};
use rusqlite::Connection;
use std::borrow::Borrow;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What it takes to write. Whoever holds it is the only one in this process who does.
pub(crate) struct Desk {
    pub(crate) db: Connection,
    pub(crate) env: Environment,
    /// Absent when switched off by a setting.
    pub(crate) lock: Option<Arc<WriterLock>>,
    pub(crate) identity: Identity,
    pub(crate) log: LogLength,
    pub(crate) checkpoint_pages: u32,
}

impl Desk {
    /// Carries requests out in one commit, and those that `late` still brings. The caller has the
    /// turn to write.
    fn carry_out<R: Borrow<Request>>(
        &self,
        batch: &mut Vec<R>,
        late: &dyn Fn(usize) -> Vec<R>,
    ) -> Vec<Answer> {
        match self.identity.verify() {
            Ok(()) => batch::carry_out(self, batch, late),
            Err(error) => batch.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    /// Moves the log into the database when it has grown. Under the lock of the writes before, so
    /// that checkpoints and writes never overlap (design §4, rule 5). Where the files were replaced
    /// since, the pages belong to another log than the one that others read now: moved into the
    /// database, they would mix two histories (rule 11).
    fn tidy_up(&self) {
        if !self.log.has_reached(self.checkpoint_pages) {
            return;
        }
        if self.identity.verify().is_ok() || andon_faults::planted("writer.checkpoint-blindly") {
            self.log.checkpoint(&self.db);
        }
    }
}

/// The callers' side of the writer.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    desk: Arc<Mutex<Desk>>,
    /// Started by the first command that has to wait: a short process never has one.
    thread: Mutex<Option<JoinHandle<()>>>,
    lock: Option<Arc<WriterLock>>,
}

/// The thread does little of its own; SQLite needs far less than this.
const STACK_BYTES: usize = 512 << 10;

impl Writer {
    /// Makes a writer of a connection.
    pub(crate) fn new(desk: Desk) -> Self {
        let lock = desk.lock.clone();
        let (queue, desk) = (Arc::new(Queue::default()), Arc::new(Mutex::new(desk)));
        Self { queue, desk, thread: Mutex::new(None), lock }
    }

    /// Carries a command out, or hands it over and waits for its answer, at most `wait` until it is
    /// taken up.
    pub(crate) fn apply(&self, request: Request, wait: Duration) -> Answer {
        if let Some(answer) = self.at_once(&request) {
            return answer;
        }
        self.start_thread()?;
        let ticket = self.queue.put(request)?;
        ticket.wait(wait, || self.lock.as_ref().map(|lock| lock.holder()).unwrap_or_default())
    }

    /// Carries a command out on this thread, if nobody writes, here or elsewhere, and nobody waits:
    /// waking another thread would take half as long as the command itself.
    fn at_once(&self, request: &Request) -> Option<Answer> {
        if !self.queue.is_idle() {
            return None;
        }
        let desk = match self.desk.try_lock() {
            Ok(desk) => desk,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let turn = match desk.lock.as_deref().map(WriterLock::try_lock) {
            None => None,
            Some(Ok(Some(turn))) => Some(turn),
            Some(Ok(None)) => return None,
            Some(Err(error)) => return Some(Err(error)),
        };
        let answer = desk.carry_out(&mut vec![request], &batch::nobody).pop();
        let turn = turn.filter(|_| !andon_faults::planted("writer.checkpoint-outside"));
        desk.tidy_up();
        drop(turn);
        answer
    }

    fn start_thread(&self) -> Result<(), StoreError> {
        let mut slot = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() {
            return Ok(());
        }
        let (desk, queue) = (Arc::clone(&self.desk), Arc::clone(&self.queue));
        let thread = std::thread::Builder::new()
            .name("board-writer".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || work(&desk, &queue))
            .map_err(|error| StoreError::Unavailable {
                doing: "start the writer thread",
                why: error.to_string(),
                hint: None,
            })?;
        *slot = Some(thread);
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let writer = self.queue.close();
        let slot = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = slot.take() else { return };
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
fn work(desk: &Mutex<Desk>, queue: &Queue) {
    while queue.wait_for_work() {
        let desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = desk.lock.as_deref().map(WriterLock::lock).transpose();
        let mut batch = queue.take();
        if batch.is_empty() {
            continue;
        }
        let answers = match &turn {
            Ok(_turn) => desk.carry_out(&mut batch, &|room| queue.take_more(room)),
            Err(error) => batch.iter().map(|_| Err(error.clone())).collect(),
        };
        queue.note_commit(batch.len());
        Job::answer_all(batch, answers);
        if turn.is_ok() {
            desk.tidy_up();
        }
    }
}
