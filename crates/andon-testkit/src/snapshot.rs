//! A whole board through the public door of a store.

use andon_core::event::Event;
use andon_core::invariant::BoardSnapshot;
use andon_core::task::Status;
use andon_core::view::Pause;
use andon_store::{Archived, Comment, EventFilter, ListFilter, Read, SortOrder, Stats, StoreError};

/// Events read at once; a board of any length is read in slices.
const EVENTS_PAGE: usize = 1_000;

/// Reads tasks, runs, links and events.
pub fn board(store: &dyn Read) -> Result<BoardSnapshot, StoreError> {
    let filter =
        ListFilter { archived: Archived::Shown, sort: SortOrder::Created, ..ListFilter::default() };
    let tasks = store.task_list(&filter)?;
    let (mut runs, mut links) = (Vec::new(), Vec::new());
    for task in &tasks {
        runs.extend(store.run_list(&task.id)?);
        let children = store.links(&task.id)?.children;
        links.extend(children.into_iter().map(|child| (task.id.clone(), child)));
    }
    Ok(BoardSnapshot { tasks, runs, links, events: events(store)? })
}

fn events(store: &dyn Read) -> Result<Vec<Event>, StoreError> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map(|event| event.id);
        let filter = EventFilter { after, limit: EVENTS_PAGE, ..EventFilter::default() };
        let page = store.event_list(&filter)?;
        let is_last = page.len() < EVENTS_PAGE;
        events.extend(page);
        if is_last {
            return Ok(events);
        }
    }
}

/// A board and everything else that can be read from one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the reads")]
pub struct Whole {
    pub board: BoardSnapshot,
    pub comments: Vec<Comment>,
    pub pause: Option<Pause>,
    pub stats: Stats,
    pub status_counts: Vec<(Status, u64)>,
}

/// Reads everything.
pub fn whole(store: &dyn Read) -> Result<Whole, StoreError> {
    let board = board(store)?;
    let mut comments = Vec::new();
    for task in &board.tasks {
        comments.extend(store.comment_list(&task.id)?);
    }
    Ok(Whole {
        board,
        comments,
        pause: store.pause_get()?,
        stats: store.stats()?,
        status_counts: store.status_counts()?,
    })
}
