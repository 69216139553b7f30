//! The store: one interface over boards, its parameters and errors, and the reference model.
//!
//! [`Store::apply`] is the only door through which a board changes. It opens one transaction, loads
//! what the command needs, lets `andon-core` decide, writes exactly that, commits, and only then
//! answers. This crate names no database.

mod applied;
pub mod codec;
mod error;
pub mod flat;
pub mod mem;
mod read;
pub mod search;
mod watch;

pub use applied::{Applied, Clock, Environment, Request, SystemClock};
pub use error::{BusyHolder, CorruptWhat, Hint, StoreError};
pub use read::{
    Archived, AssigneeCounts, AssigneeFilter, AttachmentRow, Comment, Cursor, DueTask, EventFilter,
    ExpiredClaim, LinkEnds, ListFilter, Newest, OddEvents, OpenRunRow, QueueEntry, Read,
    SettledPage, SortOrder, Stats,
};
pub use watch::Watch;

use andon_core::transition::Outcome;

/// A board.
pub trait Store: Read + Send + Sync {
    /// Carries out one command: all of it, durably, or nothing. When this returns `Ok`, the change
    /// survives kill -9 and power loss; when it returns an error other than
    /// [`StoreError::Unknown`], nothing was changed.
    fn apply(&self, request: Request) -> Result<Applied, StoreError>;

    /// Says what [`Store::apply`] would answer, and changes nothing.
    fn preview(&self, request: &Request) -> Result<Outcome, StoreError>;

    /// Starts watching for commits, by this process and by others.
    fn watch(&self) -> Result<Box<dyn Watch>, StoreError>;
}
