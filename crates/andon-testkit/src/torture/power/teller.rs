//! Keeps what is acknowledged while a story happens on the disk: what a cut may leave is told by
//! it.

use super::back::Back;
use super::lab::{Found, sound};
use super::shelf::Shelf;
use super::volume::Volume;
use crate::disk::{Disk, Logged, Window};
use crate::snapshot::Whole;
use crate::torture::Failure;
use crate::torture::bench::Bench;
use andon_store_sqlite::SqliteStore;

/// The board's file.
pub(in crate::torture) const BOARD: &str = "kanban.db";
/// A board that nobody else has: here a backup is looked at as a whole.
pub(super) const PROBE: &str = "probe.db";

/// A board that may be found after a cut.
#[derive(Debug, Clone)]
pub(in crate::torture) enum Seen {
    /// No board yet.
    Nothing,
    /// A board of another schema, which holds this once it is adopted.
    Foreign(Box<Whole>),
    /// A board that was adopted, holds this, and may have to be switched to the log again, after
    /// which it has pages that nobody saw before.
    Unswitched(Box<Whole>),
    /// A board with these pages.
    Board(u64),
    /// No board that can be used. Who is refused is told what to do; then there is one with these
    /// pages.
    Away(u64),
}

impl Seen {
    /// Whether both are boards with the same pages.
    pub(super) fn is_board_of(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Board(one), Self::Board(another)) if one == another)
    }
}

impl From<Found> for Seen {
    fn from(found: Found) -> Self {
        match found {
            Found::Nothing => Self::Nothing,
            Found::Adopted(whole) => Self::Foreign(whole),
            Found::Board(digest) => Self::Board(digest),
            Found::Brought(then) => Self::Away(then),
        }
    }
}

/// A state of the disk between two verbs.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The board.
    pub(super) seen: Seen,
    /// What lies beside it.
    pub(super) shelf: Shelf,
    /// What brings the board back where it is refused, here or on the way here.
    pub(super) back: Option<Back>,
}

/// What happened, and what was on the disk at each moment.
pub(super) struct Story {
    pub(super) base: Volume,
    pub(super) log: Vec<Logged>,
    pub(super) states: Vec<State>,
    pub(super) end: Window,
}

/// Who tells a story.
pub(super) struct Teller<'b> {
    disk: &'b Disk,
    bench: &'b Bench,
    base: Volume,
    /// What lay beside the board when the story began.
    shelf: Shelf,
    states: Vec<State>,
    pub(super) checks: Checks,
}

/// Whether each new state of the board is checked when it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checks {
    /// It is: pages that are found later are compared with these.
    EachState,
    /// It is not.
    None,
}

impl<'b> Teller<'b> {
    /// Begins with the disk as it is, and a first verb in flight.
    pub(super) fn begin(bench: &'b Bench, now: Option<(Seen, Option<Back>)>) -> Self {
        let disk = &bench.disk;
        let base = Volume::at_rest(&disk.names(), |id| disk.content(id));
        disk.start_log();
        disk.set_window(Window { least: 0, most: 1 });
        let shelf = Shelf::of(&disk.image());
        let mut teller =
            Self { disk, bench, base, shelf, states: Vec::new(), checks: Checks::EachState };
        if let Some((seen, back)) = now {
            teller.note_beginning(seen, back);
        }
        teller
    }

    /// Notes what there was when the story began.
    pub(super) fn note_beginning(&mut self, seen: Seen, back: Option<Back>) {
        self.states.push(State { seen, shelf: self.shelf.clone(), back });
    }

    /// A verb is about to begin.
    pub(super) fn attempt(&self) {
        let least = self.states.len() - 1;
        self.disk.set_window(Window { least, most: least + 1 });
    }

    /// A verb was answered: from now on there is the next state and no other, which is still to be
    /// noted.
    pub(super) fn answered(&self) {
        let now = self.states.len();
        self.disk.set_window(Window { least: now, most: now });
    }

    /// Notes what is on the disk now.
    fn note(&mut self, seen: Seen, back: Option<Back>) {
        self.states.push(State { seen, shelf: Shelf::of(&self.disk.image()), back });
    }

    /// A verb was answered that left this board.
    pub(super) fn acknowledge(&mut self, store: &SqliteStore) -> Result<(), Failure> {
        self.answered();
        self.note_board(store, None)
    }

    /// Notes the board that is open.
    pub(super) fn note_board(
        &mut self,
        store: &SqliteStore,
        back: Option<Back>,
    ) -> Result<(), Failure> {
        let now = self.bench.digest(BOARD);
        let now = Seen::Board(now);
        let is_new = self.states.last().is_none_or(|last| !last.seen.is_board_of(&now));
        if is_new && self.checks == Checks::EachState {
            sound(store)?;
        }
        self.note(now, back);
        Ok(())
    }

    /// The story, up to here.
    pub(super) fn end(self) -> Story {
        let least = self.states.len() - 1;
        let end = Window { least, most: least };
        Story { base: self.base, log: self.disk.take_log(), states: self.states, end }
    }
}
