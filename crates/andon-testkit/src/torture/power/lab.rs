//! A disk for images: each is loaded, the board on it is opened by the real store, and what is
//! found is told.

use super::back::{Back, Came, Verb};
use super::shelf::{BACKUPS, Shelf};
use super::teller::{BOARD, PROBE, Seen};
use super::volume::Image;
use crate::disk::Habits;
use crate::snapshot::{self, Whole};
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::board_place::BoardPlace;
use andon_core::invariant;
use andon_core::time::Seconds;
use andon_store::{Clock, StoreError};
use andon_store_sqlite::{
    Depth, GoodBoard, SqliteStore, Verdict, backups, check_board, first_look, restore,
};
use std::time::Duration;

/// What was found on an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::torture) enum Found {
    /// No board, and one could be made.
    Nothing,
    /// A board with these pages.
    Board(u64),
    /// A board that had to be adopted, and holds this.
    Adopted(Box<Whole>),
    /// None that could be used, and a refusal that said what to do. That left one with these pages.
    Brought(u64),
}

impl Found {
    /// Whether it is what was seen on the undisturbed disk.
    pub(in crate::torture) fn is(&self, seen: &Seen) -> bool {
        match (self, seen) {
            (Self::Nothing, Seen::Nothing) => true,
            (Self::Board(found), Seen::Board(digest))
            | (Self::Brought(found), Seen::Away(digest)) => found == digest,
            (Self::Adopted(found), Seen::Foreign(whole)) => found == whole,
            _ => false,
        }
    }
}

/// How thoroughly an image is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::torture) enum Look {
    /// Opened, and its pages compared with those of the undisturbed board, which was checked.
    Quick,
    /// Everything: structure, invariants, making a board where one is, and writing to it.
    Whole,
}

/// The lab.
pub(in crate::torture) struct Lab {
    pub(in crate::torture) bench: Bench,
    /// For looks that do not go through SQLite's files.
    real: BoardPlace,
}

/// Later than any story ends.
const AFTERWARDS: Seconds = Seconds(10_000_000);
/// So that the first command on an image moves its log into the database.
const CHECKPOINT_PAGES: u32 = 1;

/// A board of this size is checked in milliseconds.
const CHECK_MAX: Duration = Duration::from_secs(60);

impl Lab {
    pub(in crate::torture) fn new(name: &str) -> Result<Self, Failure> {
        Self::with_mistake(name, None)
    }

    /// A lab in which the product makes a mistake.
    pub(super) fn with_mistake(name: &str, mistake: Option<&'static str>) -> Result<Self, Failure> {
        let bench = Bench::with_mistake(name, Habits::default(), mistake)?;
        bench.world.clock.advance(AFTERWARDS);
        Ok(Self { bench, real: BoardPlace::new()? })
    }

    /// Puts an image on the disk.
    pub(in crate::torture) fn load(&self, image: &Image) -> Result<(), Failure> {
        self.bench.disk.load(image.iter().map(|(name, content)| (name.as_os_str(), content)))?;
        Ok(())
    }

    /// Opens the board on an image and tells what it found, or what was wrong with it.
    pub(in crate::torture) fn look(&self, image: &Image, look: Look) -> Result<Found, Failure> {
        self.look_with(image, look, None)
    }

    /// The same, where a board may have to be brought back.
    pub(super) fn look_with(
        &self,
        image: &Image,
        look: Look,
        back: Option<&Back>,
    ) -> Result<Found, Failure> {
        let _here = self.bench.stay();
        self.load(image)?;
        let found = match back {
            Some(back) => self.open_or_bring(back)?,
            None => self.open()?,
        };
        if look == Look::Whole {
            self.inspect(&found)?;
            self.restore_newest()?;
        }
        Ok(found)
    }

    /// Looks at an image as whoever is the first to open a board does, before SQLite. No index
    /// outlives a cut; and as if the log had been written since, which is when most is refused.
    pub(in crate::torture) fn first_look(&self, image: &Image) -> Result<(), Failure> {
        let board = self.real.next_path();
        for (name, content) in image {
            let suffix = name.to_str().and_then(|name| name.strip_prefix(BOARD));
            if let Some(suffix @ ("" | "-wal")) = suffix {
                let mut bytes = vec![0; usize::try_from(content.size())?];
                content.read(&mut bytes, 0);
                std::fs::write(format!("{}{suffix}", board.display()), bytes)?;
            }
        }
        let looked = if board.exists() { first_look(&board) } else { Ok(()) };
        self.real.clear();
        looked.map_err(|error| format!("refused at the first look: {error}").into())
    }

    /// Everything that can be read from the board on an image.
    pub(in crate::torture) fn whole(&self, image: &Image) -> Result<Whole, Failure> {
        let _here = self.bench.stay();
        self.load(image)?;
        Ok(snapshot::whole(&self.bench.open(BOARD, CHECKPOINT_PAGES)?)?)
    }

    /// Opens the board that is there, or makes one where there is none.
    fn open(&self) -> Result<Found, Failure> {
        match self.bench.open(BOARD, CHECKPOINT_PAGES) {
            Ok(store) if store.copy_before_adoption().is_some() => {
                Ok(Found::Adopted(Box::new(snapshot::whole(&store)?)))
            }
            Ok(_open) => Ok(Found::Board(self.bench.digest(BOARD))),
            Err(StoreError::Missing { .. }) => {
                let store = self.bench.create(BOARD, CHECKPOINT_PAGES)?;
                let whole = snapshot::whole(&store)?;
                if whole.board.tasks.is_empty() && whole.board.events.is_empty() {
                    Ok(Found::Nothing)
                } else {
                    Err("a new board is not empty".into())
                }
            }
            Err(error) => Err(format!("refused: {error}").into()),
        }
    }

    /// Opens the board that is there. Where that is refused, does what the refusal says.
    fn open_or_bring(&self, back: &Back) -> Result<Found, Failure> {
        match self.bench.open(BOARD, CHECKPOINT_PAGES) {
            // What is broken may open: what is wrong with it stands deeper.
            Ok(_open) if back.verb == Verb::Repair => {}
            Ok(_open) => return Ok(Found::Board(self.bench.digest(BOARD))),
            Err(error) => {
                says_what_to_do(&error)?;
                if let Ok(store) = self.bench.create(BOARD, CHECKPOINT_PAGES) {
                    drop(store);
                    return Err(format!("a new board was made although {error}").into());
                }
            }
        }
        let came = back.verb.carry_out(&self.bench, GoodBoard::Stays)?;
        let _open = self.bench.open(BOARD, CHECKPOINT_PAGES)?;
        let digest = self.bench.digest(BOARD);
        match came {
            Came::Nothing => Ok(Found::Board(digest)),
            Came::Back if Shelf::of(&self.bench.disk.image()).holds_equals_of(&back.aside) => {
                Ok(Found::Brought(digest))
            }
            Came::Back => Err("what was there does not lie beside the board".into()),
        }
    }

    /// Checks that the newest backup that is offered can be restored, and is a board.
    fn restore_newest(&self) -> Result<(), Failure> {
        let (board, probe) = (self.bench.path(BOARD), self.bench.path(PROBE));
        let listed = backups(&board, &self.bench.path(BACKUPS))?;
        let Some(newest) = listed.first() else { return Ok(()) };
        restore(&probe, &newest.path, GoodBoard::Stays, self.bench.world.clock.now())?;
        sound(&self.bench.open(PROBE, CHECKPOINT_PAGES)?)
    }

    /// Checks structure and invariants, then writes to the board and checks that it is kept.
    fn inspect(&self, found: &Found) -> Result<(), Failure> {
        let store = self.bench.create(BOARD, CHECKPOINT_PAGES)?;
        let now = self.bench.digest_by_reading(BOARD)?;
        if let Found::Board(digest) = found
            && now != *digest
        {
            return Err("making a board where there is one changed it".into());
        }
        sound(&store)?;
        self.bench.make_task(&store)?;
        let written = self.bench.digest(BOARD);
        drop(store);
        let store = self.bench.open(BOARD, CHECKPOINT_PAGES)?;
        if self.bench.digest(BOARD) != written {
            return Err("the first command after it is gone".into());
        }
        sound(&store)
    }
}

/// Whether a refusal tells a person how to go on.
fn says_what_to_do(error: &StoreError) -> Result<(), Failure> {
    let is_told = match error {
        StoreError::Refused { hint: Some(hint), .. } => {
            ["restore", "repair"].iter().any(|verb| hint.0.contains(verb))
        }
        // Here the command line tells of `doctor`, whatever is damaged.
        StoreError::Corrupt(_) => true,
        StoreError::Refused { hint: None, .. }
        | StoreError::Rejected(_)
        | StoreError::Missing { .. }
        | StoreError::Busy { .. }
        | StoreError::Replaced { .. }
        | StoreError::Unavailable { .. }
        | StoreError::Unknown { .. }
        | StoreError::Internal(_) => false,
    };
    if is_told { Ok(()) } else { Err(format!("refused without a way back: {error}").into()) }
}

/// Checks a board's structure and its invariants.
pub(in crate::torture) fn sound(store: &SqliteStore) -> Result<(), Failure> {
    let verdict = check_board(store.path(), Depth::Full, CHECK_MAX)?;
    if verdict != Verdict::Sound {
        return Err(format!("integrity check: {verdict:?}").into());
    }
    let broken = invariant::check(&snapshot::board(store)?);
    if !broken.is_empty() {
        return Err(format!("invariants: {broken:?}").into());
    }
    Ok(())
}
