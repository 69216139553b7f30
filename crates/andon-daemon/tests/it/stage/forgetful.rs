//! A board of which one read of a run fails.

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
    ListFilter, OpenRunRow, QueueEntry, Read, Request, SettledPage, Stats, Store, StoreError,
    Watch,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The board, and whether the next read of a run fails.
pub(crate) struct Forgetful {
    pub(crate) store: Arc<MemStore>,
    pub(crate) is_next: Arc<AtomicBool>,
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
        if self.is_next.swap(false, Ordering::SeqCst) {
            let why = "the disk does not answer".to_owned();
            return Err(StoreError::Unavailable { doing: "read a run", why, hint: None });
        }
        self.store.run_get(id)
    }

    reads! {
        task_get(id: &TaskId) -> Option<Task>;
        task_list(filter: &ListFilter) -> Vec<Task>;
        links(id: &TaskId) -> LinkEnds;
        open_parents(id: &TaskId) -> OpenParents;
        run_list(task: &TaskId) -> Vec<Run>;
        run_lingering(task: &TaskId) -> Option<Run>;
        run_recent(profile: &str, but: &TaskId, limit: usize) -> Vec<Run>;
        comment_list(task: &TaskId) -> Vec<Comment>;
        attachment_list(task: &TaskId) -> Vec<AttachmentRow>;
        event_list(filter: &EventFilter) -> Vec<Event>;
        event_last() -> Option<EventId>;
        status_counts() -> Vec<(Status, u64)>;
        stats() -> Stats;
        pause_get() -> Option<Pause>;
        queue_heads(at: Timestamp, each: usize) -> Vec<QueueEntry>;
        run_open_list() -> Vec<OpenRunRow>;
        run_lingering_list(limit: usize) -> Vec<Run>;
        claim_expired(at: Timestamp, limit: usize) -> Vec<ExpiredClaim>;
        due_list(at: Timestamp, limit: usize) -> Vec<DueTask>;
        next_due(after: Timestamp) -> Option<Timestamp>;
        settled_page(after: Cursor, scan: usize) -> SettledPage;
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
