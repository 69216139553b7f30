//! Who holds what on which file, as the kernel tells: locks of processes, which go with any close
//! of the file, and locks of open descriptions, which do not.

use super::{Handle, Names, Number, Peer, Process, Set, Stage, State, Wrong};

/// The set of one file.
pub(super) fn bit(number: Number) -> Set {
    1 << number
}

impl Process {
    /// What its connections have open.
    pub(super) fn handles(&self) -> impl Iterator<Item = Handle> {
        [self.reader, self.writer].into_iter().flatten()
    }

    /// If a look at the paths would find all as it was, then these are the files that are open.
    pub(super) fn is_not_deceived(&self, at: &Names) -> bool {
        let is_open = !matches!(
            self.stage,
            Stage::Closed | Stage::Glanced | Stage::Opened | Stage::Read | Stage::Connected
        );
        if !is_open || self.noted != *at {
            return true;
        }
        self.handles().all(|handle| handle.is_in_place(at))
    }

    /// The store is dropped. What the guard holds stays.
    pub(super) fn closes(&mut self) {
        let anchors = self.anchors;
        *self = Self { anchors, ..super::FRESH };
    }
}

impl Names {
    /// Whether every name that there was leads where it led.
    pub(super) fn is_part_of(&self, at: &Self) -> bool {
        let is_same = |was: Option<Number>, is| was.is_none() || was == is;
        is_same(self.database, at.database)
            && is_same(self.log, at.log)
            && is_same(self.index, at.index)
    }
}

impl Handle {
    /// Whether database and log are those at the paths.
    pub(super) fn is_in_place(&self, at: &Names) -> bool {
        at.database == Some(self.database) && at.log == Some(self.log)
    }
}

impl Peer {
    pub(super) fn handle(&self) -> Option<Handle> {
        match self {
            Self::Away => None,
            Self::Open(handle) | Self::Writing(handle) | Self::Closing(handle) => Some(*handle),
        }
    }
}

impl State {
    /// Whether the peer has this database alone.
    pub(super) fn is_taken_alone(&self, database: Number) -> bool {
        matches!(self.peer, Peer::Closing(handle) if handle.database == database)
    }

    /// SQLite's first read of a database, by process `me` or by the peer: it opens log and index
    /// where they are, or makes them. Who finds nobody at the index empties it.
    pub(super) fn reads(&mut self, me: Option<usize>, database: Number) -> Handle {
        let log = self.at.log.unwrap_or_else(|| self.fresh(|handle| handle.log, |n| n.log));
        self.at.log = Some(log);
        let index = self.at.index.unwrap_or_else(|| self.fresh(|h| h.index, |n| n.index));
        self.at.index = Some(index);
        let others = |at: &usize| Some(*at) != me;
        let is_held = self.ours.iter().any(|process| process.anchors.1 & bit(index) != 0)
            || (0..self.ours.len()).filter(others).any(|at| self.ours[at].switch & bit(index) != 0)
            || (me.is_some() && self.peer.handle().is_some_and(|handle| handle.index == index));
        let has_it = |at: usize| self.ours[at].handles().any(|handle| handle.index == index);
        let is_emptied = !is_held && (0..self.ours.len()).filter(others).any(has_it);
        if is_emptied || self.meets_robbed_writer(me, index) {
            self.wrong = Some(Wrong::IndexAnew);
        }
        Handle { database, log, index }
    }

    /// Whether somebody who reads finds a commit half way and its writer's lock free: he takes it,
    /// and makes the index anew.
    pub(super) fn meets_robbed_writer(&self, me: Option<usize>, index: Number) -> bool {
        self.ours.iter().enumerate().any(|(at, process)| {
            let seen = if me.is_some() { process.doubled } else { 0 };
            let is_locked = (process.writing | seen) & bit(index) != 0;
            let writes = process.stage == Stage::Writing
                && process.writer.is_some_and(|writer| writer.index == index);
            Some(at) != me && writes && !is_locked
        })
    }

    /// The lowest number of its kind that nothing leads to.
    fn fresh(
        &self,
        open: impl Fn(&Handle) -> Number,
        named: impl Fn(&Names) -> Option<Number>,
    ) -> Number {
        let handles = self.ours.iter().flat_map(Process::handles).chain(self.peer.handle());
        let mut used: Set = handles.map(|handle| bit(open(&handle))).sum_set();
        let names = self.ours.iter().map(|process| &process.noted).chain([&self.at]);
        used |= names.filter_map(named).map(bit).sum_set();
        // Anchors hold databases and indexes; that logs are passed over, too, does no harm.
        used |= self.ours.iter().map(|process| process.anchors.1).sum_set();
        (0..8).find(|number| used & bit(*number) == 0).expect("no more than eight files of a kind")
    }

    /// A database that nothing leads to, for a backup. The first two are there from the beginning.
    pub(super) fn fresh_database(&self) -> Number {
        let handles = self.ours.iter().flat_map(Process::handles).chain(self.peer.handle());
        let opened = self.ours.iter().filter_map(|process| process.opened);
        let noted = self.ours.iter().filter_map(|process| process.noted.database);
        let numbers = handles.map(|handle| handle.database).chain(opened).chain(noted);
        let mut used: Set = numbers.chain([0, 1]).map(bit).sum_set();
        used |= self.ours.iter().map(|process| process.anchors.0).sum_set();
        used |= self.at.database.map(bit).unwrap_or(0);
        (2..8).find(|number| used & bit(*number) == 0).expect("no more than eight databases")
    }
}

trait Together {
    /// All of them.
    fn sum_set(self) -> Set;
}

impl<I: Iterator<Item = Set>> Together for I {
    fn sum_set(self) -> Set {
        self.fold(0, |all, one| all | one)
    }
}
