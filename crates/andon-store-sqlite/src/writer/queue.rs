//! The line in front of the writer.

use andon_store::{Applied, BusyHolder, Request, StoreError};
use std::borrow::Borrow;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Commands waiting at most; beyond that the board is busy. A command is a few kilobytes.
const QUEUE_MAX: usize = 4_096;
/// Commands that share one commit at most: bounds the wait of the first, and the log of one commit.
pub(super) const BATCH_MAX: usize = 256;

/// What a command came to.
pub(crate) type Answer = Result<Applied, StoreError>;

/// Where a command is, between its caller and the writer.
struct Slot {
    stage: Mutex<Stage>,
    news: Condvar,
}

enum Stage {
    /// In line.
    Waiting,
    /// The writer carries it out.
    Taken,
    /// Its caller no longer wants it.
    GivenUp,
    /// Carried out. `others` are told by this one's caller.
    Answered { answer: Answer, others: Vec<(Job, Answer)> },
    /// The writer ended without an answer.
    Lost,
}

impl Slot {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, stage: Stage) {
        *self.stage() = stage;
        self.news.notify_one();
    }
}

/// A command in the line.
pub(crate) struct Job {
    pub(crate) request: Request,
    slot: Arc<Slot>,
}

impl Borrow<Request> for Job {
    fn borrow(&self) -> &Request {
        &self.request
    }
}

impl Job {
    /// Answers the callers of a batch. The writer wakes only the first of them, who sees to the
    /// others: waking takes a good part of the time of a small command, and everybody waits for the
    /// writer.
    pub(crate) fn answer_all(batch: Vec<Self>, answers: Vec<Answer>) {
        Self::answer(batch.into_iter().zip(answers));
    }

    fn answer(mut answered: impl Iterator<Item = (Self, Answer)>) {
        let Some((first, answer)) = answered.next() else { return };
        first.slot.tell(Stage::Answered { answer, others: answered.collect() });
    }

    /// Answers those whom the writer left to this caller, and leaves half of them to the first one,
    /// half of the rest to the next, and so on: all processors take part in the waking.
    fn pass_on(mut others: Vec<(Self, Answer)>) {
        while !others.is_empty() {
            let half = others.split_off(others.len() / 2);
            Self::answer(half.into_iter());
        }
    }

    /// Takes the command up, unless its caller gave up.
    fn take(&self) -> bool {
        let mut stage = self.slot.stage();
        let is_wanted = matches!(*stage, Stage::Waiting);
        if is_wanted {
            *stage = Stage::Taken;
        }
        is_wanted
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let stage = self.slot.stage();
        let is_unanswered = matches!(*stage, Stage::Waiting | Stage::Taken);
        drop(stage);
        if is_unanswered {
            self.slot.tell(Stage::Lost);
        }
    }
}

/// The caller's end of a command in the line.
pub(crate) struct Ticket {
    slot: Arc<Slot>,
    verb: &'static str,
}

impl Ticket {
    /// Waits until the command is carried out. If it was not taken up within `wait`, it is
    /// withdrawn and certain not to be carried out later.
    pub(crate) fn wait(self, wait: Duration, holder: impl FnOnce() -> BusyHolder) -> Answer {
        let begun = Instant::now();
        let is_open = |stage: &mut Stage| matches!(*stage, Stage::Waiting | Stage::Taken);
        let waited = self.slot.news.wait_timeout_while(self.slot.stage(), wait, is_open);
        let (mut stage, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if matches!(*stage, Stage::Waiting) {
            *stage = Stage::GivenUp;
            drop(stage);
            let waited_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let doing = "get its turn to write";
            return Err(StoreError::Busy { doing, waited_ms, holder: holder() });
        }
        // It is being carried out: its own waits are bounded, so this one is.
        let waited = self.slot.news.wait_while(stage, is_open);
        let mut stage = waited.unwrap_or_else(PoisonError::into_inner);
        let Stage::Answered { answer, others } = std::mem::replace(&mut *stage, Stage::Lost) else {
            let why = "the writer ended unexpectedly".to_owned();
            return Err(StoreError::Unknown { verb: self.verb, why });
        };
        drop(stage);
        Job::pass_on(others);
        answer
    }
}

/// The line.
#[derive(Default)]
pub(crate) struct Queue {
    line: Mutex<Line>,
    news: Condvar,
}

struct Line {
    jobs: VecDeque<Job>,
    closed: bool,
    /// The writer sleeps and wants to be woken, or was not started yet; else it looks by itself.
    asleep: bool,
    writer: Whereabouts,
    /// Whether the writer's last commit was for more than one command.
    crowded: bool,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            jobs: VecDeque::new(),
            closed: false,
            asleep: true,
            writer: Whereabouts::default(),
            crowded: false,
        }
    }
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
    /// Whether nobody waits, the writer has nothing to do, and its last commit was not for several.
    /// Where several ask, the others are about to: who goes ahead has a sync for himself, and all
    /// of them wait for it.
    pub(crate) fn is_idle(&self) -> bool {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.jobs.is_empty() && line.asleep && !line.crowded
    }

    /// Notes for how many commands the writer's last commit was.
    pub(crate) fn note_commit(&self, commands: usize) {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).crowded = commands > 1;
    }

    /// Puts a command at the end of the line.
    pub(crate) fn put(&self, request: Request) -> Result<Ticket, StoreError> {
        let slot = Slot { stage: Mutex::new(Stage::Waiting), news: Condvar::new() };
        let slot = Arc::new(slot);
        let ticket = Ticket { slot: Arc::clone(&slot), verb: request.command.verb() };
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.jobs.len() >= QUEUE_MAX {
            let doing = "join the line of writers";
            return Err(StoreError::Busy { doing, waited_ms: 0, holder: BusyHolder::default() });
        }
        line.jobs.push_back(Job { request, slot });
        // Who wakes it says so: the next ones need not call while it gets up.
        let was_asleep = std::mem::take(&mut line.asleep);
        drop(line);
        if was_asleep {
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
                line.asleep = false;
                line.writer = Whereabouts::Outside;
                return true;
            }
            if line.closed {
                return false;
            }
            line.asleep = true;
            line = self.news.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes what is in line now, up to one commit's worth. The writer has its lock.
    pub(crate) fn take(&self) -> Vec<Job> {
        self.take_more(BATCH_MAX)
    }

    /// Takes what is in line now, up to what there is room for in the writer's commit.
    pub(crate) fn take_more(&self, room: usize) -> Vec<Job> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.writer = Whereabouts::AtDesk;
        let count = line.jobs.len().min(room);
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

#[cfg(test)]
mod tests;
