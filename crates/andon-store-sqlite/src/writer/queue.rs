//! The line in front of the writer.

use andon_store::{Applied, BusyHolder, Request, StoreError};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Commands waiting at most; beyond that the board is busy. A command is a few kilobytes.
const QUEUE_MAX: usize = 4_096;
/// Commands that share one commit at most: bounds the wait of the first, and the log of one commit.
const BATCH_MAX: usize = 256;

/// What became of a command in the line.
mod place {
    pub(super) const WAITING: u8 = 0;
    pub(super) const TAKEN: u8 = 1;
    pub(super) const GIVEN_UP: u8 = 2;
}

/// A command in the line.
pub(crate) struct Job {
    pub(crate) request: Request,
    answer: SyncSender<Result<Applied, StoreError>>,
    place: Arc<AtomicU8>,
}

impl Job {
    /// Answers the caller.
    pub(crate) fn answer(self, answer: Result<Applied, StoreError>) {
        // A caller that went away is no longer interested.
        let _unheard = self.answer.send(answer);
    }

    /// Takes the command up, unless its caller gave up.
    fn take(&self) -> bool {
        let taken = self.place.compare_exchange(
            place::WAITING,
            place::TAKEN,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        taken.is_ok()
    }
}

/// The caller's end of a command in the line.
pub(crate) struct Ticket {
    answer: Receiver<Result<Applied, StoreError>>,
    place: Arc<AtomicU8>,
    verb: &'static str,
}

impl Ticket {
    /// Waits until the command is carried out. If it was not taken up within `wait`, it is
    /// withdrawn and certain not to be carried out later.
    pub(crate) fn wait(
        self,
        wait: Duration,
        holder: impl FnOnce() -> BusyHolder,
    ) -> Result<Applied, StoreError> {
        let begun = Instant::now();
        match self.answer.recv_timeout(wait) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Disconnected) => return Err(self.lost()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let given_up = self.place.compare_exchange(
            place::WAITING,
            place::GIVEN_UP,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        if given_up.is_ok() {
            let waited_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            return Err(StoreError::Busy {
                doing: "get its turn to write",
                waited_ms,
                holder: holder(),
            });
        }
        // It is being carried out: its own waits are bounded, so this one is.
        self.answer.recv().unwrap_or_else(|_| Err(self.lost()))
    }

    fn lost(&self) -> StoreError {
        StoreError::Unknown { verb: self.verb, why: "the writer ended unexpectedly".to_owned() }
    }
}

/// The line.
#[derive(Default)]
pub(crate) struct Queue {
    line: Mutex<Line>,
    news: Condvar,
}

#[derive(Default)]
struct Line {
    jobs: VecDeque<Job>,
    closed: bool,
    /// The writer sleeps and wants to be woken; else it will look by itself.
    asleep: bool,
    writer: Whereabouts,
}

/// Where the writer's thread is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// Waiting for work, or at it. Both end in bounded time.
    #[default]
    AtDesk,
    /// Waiting for the writers' lock, which may take for ever: its holder may be stopped.
    Outside,
}

impl Queue {
    /// Puts a command at the end of the line.
    pub(crate) fn put(&self, request: Request) -> Result<Ticket, StoreError> {
        let (send, receive) = sync_channel(1);
        let place = Arc::new(AtomicU8::new(place::WAITING));
        let verb = request.command.verb();
        let ticket = Ticket { answer: receive, place: Arc::clone(&place), verb };
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.jobs.len() >= QUEUE_MAX {
            let doing = "join the line of writers";
            return Err(StoreError::Busy { doing, waited_ms: 0, holder: BusyHolder::default() });
        }
        line.jobs.push_back(Job { request, answer: send, place });
        let asleep = line.asleep;
        drop(line);
        if asleep {
            self.news.notify_one();
        }
        Ok(ticket)
    }

    /// Waits for work, for which the writer then waits for its lock; false when the line is closed
    /// and empty.
    pub(crate) fn wait_for_work(&self) -> bool {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if !line.jobs.is_empty() {
                line.writer = Whereabouts::Outside;
                return true;
            }
            if line.closed {
                return false;
            }
            line.asleep = true;
            line = self.news.wait(line).unwrap_or_else(PoisonError::into_inner);
            line.asleep = false;
        }
    }

    /// Takes what is in line now, up to one commit's worth. The writer has its lock.
    pub(crate) fn take(&self) -> Vec<Job> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.writer = Whereabouts::AtDesk;
        let count = line.jobs.len().min(BATCH_MAX);
        line.jobs.drain(..count).filter(Job::take).collect()
    }

    /// Lets the writer end, and tells where it is. Nobody waits for a command any more: what is
    /// still in line was given up.
    pub(crate) fn close(&self) -> Whereabouts {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.closed = true;
        line.jobs.clear();
        let writer = line.writer;
        drop(line);
        self.news.notify_one();
        writer
    }
}
