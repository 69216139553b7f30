//! A board of which one read fails: that of a run, or that of the newest event.

use andon_core::event::Event;
use andon_core::id::{EventId, RunId, TaskId};
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use andon_core::time::Timestamp;
use andon_core::transition::Outcome;
use andon_core::view::{OpenParents, Pause};
use andon_store::mem::MemStore;
use andon_store::{
    Applied, AttachmentRow, Comment, Cursor, DueTask, EventFilter, ExpiredClaim, LinkEnds,
    ListFilter, Newest, OpenRunRow, QueueEntry, Read, Request, SettledPage, Stats, Store,
    StoreError, Watch,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The board, and which reads fail the next time.
#[derive(Clone)]
pub(crate) struct Forgetful {
    pub(crate) store: Arc<MemStore>,
    pub(crate) run_fails: Arc<AtomicBool>,
    /// At which call; 0 is none.
    pub(crate) newest_event_fails: Arc<AtomicUsize>,
    /// Whether the waiting tasks were looked at.
    pub(crate) swept: Arc<AtomicBool>,
}

impl Forgetful {
    pub(crate) fn new(store: &Arc<MemStore>) -> Self {
        let [run_fails, swept] = Default::default();
        Self { store: Arc::clone(store), run_fails, newest_event_fails: Arc::default(), swept }
    }
}

fn fails(doing: &'static str) -> StoreError {
    let why = "the disk does not answer".to_owned();
    StoreError::Unavailable { doing, why, hint: None }
}

/// Reads that never fail here.
macro_rules! reads {
    ($($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($arg: $type),*) -> Result<$answer, StoreError> {
            self.store.$name($($arg),*)
        })*
    };
}

impl Read for Forgetful {
    fn run_get(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        let is_failing = self.run_fails.swap(false, Ordering::SeqCst);
        if is_failing { Err(fails("read a run")) } else { self.store.run_get(id) }
    }

    fn event_last(&self) -> Result<Option<EventId>, StoreError> {
        let left = |left: usize| Some(left.saturating_sub(1));
        let left = self.newest_event_fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left);
        if left == Ok(1) { Err(fails("read the events")) } else { self.store.event_last() }
    }

    fn settled_page(&self, after: Cursor, scan: usize) -> Result<SettledPage, StoreError> {
        self.swept.store(true, Ordering::SeqCst);
        self.store.settled_page(after, scan)
    }

    reads! {
        task_get(id: &TaskId) -> Option<Task>;
        task_list(filter: &ListFilter) -> Vec<Task>;
        links(id: &TaskId) -> LinkEnds;
        open_parents(id: &TaskId) -> OpenParents;
        run_list(task: &TaskId) -> Vec<Run>;
        run_newest(task: &TaskId, limit: usize) -> Newest<Run>;
        run_completed(task: &TaskId) -> Option<Run>;
        run_lingering(task: &TaskId) -> Option<Run>;
        run_recent(profile: &str, but: &TaskId, limit: usize) -> Vec<Run>;
        comment_list(task: &TaskId) -> Vec<Comment>;
        comment_newest(task: &TaskId, limit: usize) -> Newest<Comment>;
        attachment_list(task: &TaskId) -> Vec<AttachmentRow>;
        event_list(filter: &EventFilter) -> Vec<Event>;
        status_counts() -> Vec<(Status, u64)>;
        stats() -> Stats;
        pause_get() -> Option<Pause>;
        queue_heads(at: Timestamp, each: usize) -> Vec<QueueEntry>;
        run_open_list() -> Vec<OpenRunRow>;
        run_lingering_list(limit: usize) -> Vec<Run>;
        claim_expired(at: Timestamp, limit: usize) -> Vec<ExpiredClaim>;
        due_list(at: Timestamp, limit: usize) -> Vec<DueTask>;
        next_due(after: Timestamp) -> Option<Timestamp>;
    }
}

impl Store for Forgetful {
    fn apply(&self, request: Request) -> Result<Applied, StoreError> {
        self.store.apply(request)
    }

    fn preview(&self, request: &Request) -> Result<Outcome, StoreError> {
        self.store.preview(request)
    }

    fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        self.store.watch()
    }
}
