//! Everything that a board's files, and those who have them open, can be at a moment.

use super::{OURS, Wrong};

/// A file, among those of its kind.
pub(super) type Number = u8;

/// Files of a board, by their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Trio<T> {
    pub(super) database: T,
    pub(super) log: T,
    pub(super) index: T,
}

/// What the paths lead to, or led to.
pub(super) type Names = Trio<Option<Number>>;
/// What a connection has open.
pub(super) type Handle = Trio<Number>;

/// Everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(super) at: Names,
    pub(super) ours: [Process; OURS],
    pub(super) peer: Peer,
    pub(super) restorer: Restorer,
    /// `<db>.writer.lock`.
    pub(super) turn: Option<Holder>,
    pub(super) lost: u8,
    pub(super) strikes: u8,
    pub(super) restores: u8,
    pub(super) kills: u8,
    pub(super) wrong: Option<Wrong>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    Ours(u8),
    Restorer,
}

/// Numbers of files, one bit each.
pub(super) type Set = u8;

/// A process of ours with at most one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) stage: Stage,
    pub(super) guards: bool,
    /// The database alone, while the header is not read.
    pub(super) opened: Option<Number>,
    pub(super) reader: Option<Handle>,
    pub(super) writer: Option<Handle>,
    /// What it saw at first, then `guard::Identity`.
    pub(super) noted: Names,
    /// `guard::ANCHORS`.
    pub(super) anchors: (Set, Set),
    /// SQLite's locks, which belong to the process: shared on databases, the switch of indexes,
    /// the writer's of an index.
    pub(super) shared: Set,
    pub(super) switch: Set,
    pub(super) writing: Set,
    /// The writer's lock of an index once more, as one of an open file: `andon_vfs`, `index_locks`.
    /// Only connections of ours see it.
    pub(super) doubled: Set,
    /// Whether somebody moved a file by hand since it last looked.
    pub(super) is_excused: bool,
    /// Whether the database was moved while a connection is being opened.
    pub(super) is_struck: bool,
}

pub(super) const FRESH: Process = Process {
    stage: Stage::Closed,
    guards: false,
    opened: None,
    reader: None,
    writer: None,
    noted: Trio { database: None, log: None, index: None },
    anchors: (0, 0),
    shared: 0,
    switch: 0,
    writing: 0,
    doubled: 0,
    is_excused: false,
    is_struck: false,
};

/// How far a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    Closed,
    Glanced,
    Opened,
    Read,
    Noted,
    Anchored,
    Guarded,
    Idle,
    Glimpsed,
    Connected,
    HasTurn,
    Looked,
    Writing,
    Committed,
    LookedAgain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Peer {
    Away,
    Open(Handle),
    Writing(Handle),
    /// It has the database alone, and is about to delete the log.
    Closing(Handle),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Restorer {
    Away,
    SawNobody,
    HasTurn,
    SawNobodyAgain,
    MovedDatabase,
    MovedLog,
    MovedIndex,
}
