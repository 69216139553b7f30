//! What goes wrong on a disk, and when.

use super::Disk;
use super::event::Kind;
use andon_sim_vfs::{Code, code};
use std::io;
use std::path::Path;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The device reports an error at any operation.
    Eio,
    /// There is no room.
    NoSpace,
    /// The user's share of the room is used up.
    Quota,
    /// A read breaks off half way.
    ShortRead,
    /// A write breaks off half way, for lack of room.
    ShortWrite,
    /// The device reports an error at syncs alone.
    SyncEio,
    /// Locks are somebody else's.
    Busy,
    /// Locks and the shared index cannot be had.
    LockEio,
}

impl Fault {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Eio,
        Self::NoSpace,
        Self::Quota,
        Self::ShortRead,
        Self::ShortWrite,
        Self::SyncEio,
        Self::Busy,
        Self::LockEio,
    ];

    /// It in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Eio => "EIO",
            Self::NoSpace => "ENOSPC",
            Self::Quota => "EDQUOT",
            Self::ShortRead => "short read",
            Self::ShortWrite => "short write",
            Self::SyncEio => "EIO at syncs",
            Self::Busy => "busy",
            Self::LockEio => "EIO at locks",
        }
    }

    /// What SQLite is told about an operation that fails so; nothing where it cannot.
    fn code(self, kind: Kind) -> Option<Code> {
        let eio = match kind {
            Kind::Open => code::SQLITE_CANTOPEN,
            Kind::Delete => code::SQLITE_IOERR_DELETE,
            Kind::Exists => code::SQLITE_IOERR_ACCESS,
            Kind::Read => code::SQLITE_IOERR_READ,
            Kind::Write => code::SQLITE_IOERR_WRITE,
            Kind::Truncate => code::SQLITE_IOERR_TRUNCATE,
            Kind::Sync => code::SQLITE_IOERR_FSYNC,
            Kind::Size => code::SQLITE_IOERR_FSTAT,
            Kind::Lock => code::SQLITE_IOERR_LOCK,
            Kind::ShmMap => code::SQLITE_IOERR_SHMMAP,
            Kind::ShmLock => code::SQLITE_IOERR_SHMLOCK,
        };
        let is_lock = matches!(kind, Kind::Lock | Kind::ShmLock);
        match (self, kind) {
            (Self::Eio, _) if !is_lock => Some(eio),
            (Self::NoSpace | Self::ShortWrite, Kind::Write) => Some(code::SQLITE_FULL),
            // The system's interface knows one errno of a full disk only.
            (Self::Quota, Kind::Write | Kind::ShmMap) => Some(eio),
            (Self::NoSpace, Kind::ShmMap) => Some(code::SQLITE_IOERR_SHMSIZE),
            (Self::ShortRead, Kind::Read) | (Self::SyncEio, Kind::Sync) => Some(eio),
            (Self::Busy, Kind::Lock | Kind::ShmLock) => Some(code::SQLITE_BUSY),
            (Self::LockEio, Kind::Lock | Kind::ShmLock | Kind::ShmMap) => Some(eio),
            _ => None,
        }
    }

    /// The system's answer to the store at a point beside SQLite.
    fn errno(self, point: &str) -> Option<i32> {
        let is_sync = point.starts_with("disk.sync");
        let takes_room = matches!(point, "disk.create" | "disk.make-directory" | "lock.open");
        match self {
            Self::Eio => Some(EIO),
            Self::SyncEio if is_sync => Some(EIO),
            Self::NoSpace if takes_room => Some(ENOSPC),
            Self::Quota if takes_room => Some(EDQUOT),
            Self::LockEio if point.starts_with("lock.") => Some(ENOLCK),
            _ => None,
        }
    }
}

const EIO: i32 = 5;
const ENOSPC: i32 = 28;
const ENOLCK: i32 = 37;
const EDQUOT: i32 = 122;

/// How often it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// Once.
    Once,
    /// From then on.
    Sticky,
    /// From then on at each so-manieth operation.
    Every(u64),
}

/// A plan: which operation fails first, counted from 1 over those that can fail so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What goes wrong.
    pub fault: Fault,
    /// Where.
    pub first: u64,
    /// How often.
    pub recurrence: Recurrence,
}

/// The plan of a disk, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Faults {
    plan: Option<Plan>,
    seen: u64,
    injected: Vec<Injected>,
    place: Option<String>,
}

/// What came of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// Operations that could have failed.
    pub operations: u64,
    /// What was answered to those that did.
    pub injected: Vec<Injected>,
    /// Which was the first.
    pub place: Option<String>,
}

/// What was answered to an operation that had to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injected {
    /// A code of SQLite.
    Code(Code),
    /// An errno of the system.
    Errno(i32),
    /// Nothing: here the store tried anew.
    Anew,
}

/// Injected faults that are kept: the first ones are what a caller must be told.
const INJECTED_MAX: usize = 64;

impl Faults {
    /// Whether this operation fails, and how.
    pub(super) fn of(&mut self, kind: Kind, path: &Path) -> Option<Code> {
        let code = self.plan.and_then(|plan| plan.fault.code(kind))?;
        self.happens().then(|| {
            let name = path.file_name().unwrap_or_default().display();
            self.place.get_or_insert_with(|| format!("{kind:?} of {name}"));
            self.note(Injected::Code(code));
            code
        })
    }

    /// The same, beside SQLite.
    pub(super) fn beside(&mut self, point: &str) -> Option<io::Error> {
        let errno = self.plan.and_then(|plan| plan.fault.errno(point))?;
        self.happens().then(|| {
            self.place.get_or_insert_with(|| point.to_owned());
            self.note(Injected::Errno(errno));
            io::Error::from_raw_os_error(errno)
        })
    }

    /// Notes that the store tries anew, once something went wrong.
    pub(super) fn tries_anew(&mut self) {
        if !self.injected.is_empty() {
            self.note(Injected::Anew);
        }
    }

    /// Whether a read or a write that fails does half of its work first.
    pub(super) fn does_half(&self) -> bool {
        self.plan.is_some_and(|p| matches!(p.fault, Fault::ShortRead | Fault::ShortWrite))
    }

    fn happens(&mut self) -> bool {
        let Some(plan) = self.plan else { return false };
        self.seen += 1;
        let beyond = self.seen.checked_sub(plan.first);
        match (beyond, plan.recurrence) {
            (None, _) => false,
            (Some(beyond), Recurrence::Once) => beyond == 0,
            (Some(_), Recurrence::Sticky) => true,
            (Some(beyond), Recurrence::Every(nth)) => beyond.is_multiple_of(nth),
        }
    }

    fn note(&mut self, injected: Injected) {
        if self.injected.len() < INJECTED_MAX {
            self.injected.push(injected);
        }
    }
}

impl Disk {
    /// Makes a plan, or none, and tells what came of the last one.
    pub fn plan(&self, plan: Option<Plan>) -> Came {
        let next = Faults { plan, ..Faults::default() };
        let last = std::mem::replace(&mut self.state().faults, next);
        Came { operations: last.seen, injected: last.injected, place: last.place }
    }
}
