//! Boards as things on disk: their metadata, which one is current, archiving and restoring.
//!
//! Every change is made under one lock and by whole-file replacement (B9). This module never
//! opens a database: only SQLite may, and the store makes and checks those.

mod archive;
mod error;
mod lock;
mod metadata;
mod replace;

pub use archive::{ArchivedBoard, DeleteConfirmation};
pub use error::BoardError;
pub use lock::{HeldBy, UsedBy, WhoUses};
pub use metadata::{BoardMetadata, MetadataChange, display_name};

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;

use crate::home::{Home, HomeError, Layout};

/// Most boards listed of one home. Each is a directory to look into, and a person has dozens.
pub const BOARDS_MAX: usize = 10_000;

/// The boards of one home.
#[derive(Debug, Clone)]
pub struct Boards<'a> {
    home: &'a Home,
}

/// A board in a list.
#[derive(Debug)]
pub struct BoardEntry {
    /// Its paths.
    pub layout: Layout,
    /// Its metadata, or why that cannot be read; a broken file does not hide the board.
    pub metadata: Result<BoardMetadata, BoardError>,
    /// Whether it is the one that `current` names.
    pub current: Current,
}

/// Whether a board is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Current {
    /// It is.
    Yes,
    /// Another one is.
    No,
}

/// What [`Boards::create`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// The board is new.
    New,
    /// It was there; the given metadata have been applied to it.
    Existed,
}

impl<'a> Boards<'a> {
    /// The boards of `home`.
    pub fn new(home: &'a Home) -> Self {
        Self { home }
    }

    /// Lists the boards: the default one first, the others by name.
    pub fn list(&self) -> Result<Vec<BoardEntry>, BoardError> {
        // A `current` file that is broken is reported by whoever relies on it; the list is where
        // people look for a board to put into it.
        let current = self.current().ok();
        let mut slugs = self.slugs()?;
        slugs.sort_by_key(|slug| (!slug.is_default(), slug.clone()));
        let entry = |slug: BoardSlug| {
            let layout = Layout::new(self.home, &slug);
            let metadata = metadata::read(&layout);
            let current = if Some(&slug) == current.as_ref() { Current::Yes } else { Current::No };
            BoardEntry { layout, metadata, current }
        };
        Ok(slugs.into_iter().map(entry).collect())
    }

    /// The boards that get a dispatcher, in the order of [`Boards::list`]: those that have a
    /// database and are not marked as archived. One whose metadata cannot be read is among them,
    /// so that its trouble is told and not taken for a wish.
    pub fn to_serve(&self) -> Result<Vec<Layout>, BoardError> {
        let is_archived =
            |entry: &BoardEntry| entry.metadata.as_ref().is_ok_and(|metadata| metadata.archived);
        let boards = self.list()?.into_iter();
        let served = boards.filter(|it| !is_archived(it) && it.layout.database().exists());
        Ok(served.map(|entry| entry.layout).collect())
    }

    /// The board that `current` names, the default one if it names none. A name that no board
    /// can have is an error; a board that is gone is not, for a list must still be possible.
    pub fn current(&self) -> Result<BoardSlug, BoardError> {
        match crate::home::read_current(self.home)? {
            None => Ok(BoardSlug::default_board()),
            Some(text) => BoardSlug::parse(&text).map_err(|source| {
                let origin = crate::origin::Origin::file(self.home.current_file());
                BoardError::Home(HomeError::BadBoard { origin, source })
            }),
        }
    }

    /// Reads a board's metadata.
    pub fn metadata(&self, slug: &BoardSlug) -> Result<BoardMetadata, BoardError> {
        metadata::read(&self.existing(slug)?)
    }

    /// Writes the metadata of a new board, or changes those of an existing one. The database
    /// is the store's to make.
    pub fn create(
        &self,
        slug: &BoardSlug,
        change: &MetadataChange,
        now: Timestamp,
    ) -> Result<(Created, BoardMetadata), BoardError> {
        let _lock = lock::boards(self.home)?;
        let layout = Layout::new(self.home, slug);
        let created = if layout.metadata_file().exists() || layout.database().exists() {
            Created::Existed
        } else if layout.board_dir().is_symlink() {
            // What it leads to is no board yet, and not ours to write in.
            let (slug, path) = (slug.clone(), layout.board_dir().to_owned());
            return Err(BoardError::Linked { slug, path });
        } else {
            Created::New
        };
        Ok((created, metadata::change(&layout, change, now)?))
    }

    /// Changes the metadata of an existing board: its display name, default directory, and so on.
    pub fn change(
        &self,
        slug: &BoardSlug,
        change: &MetadataChange,
        now: Timestamp,
    ) -> Result<BoardMetadata, BoardError> {
        let _lock = lock::boards(self.home)?;
        metadata::change(&self.existing(slug)?, change, now)
    }

    /// Makes a board the current one.
    pub fn switch(&self, slug: &BoardSlug) -> Result<(), BoardError> {
        let _lock = lock::boards(self.home)?;
        self.existing(slug)?;
        replace::write(&self.home.current_file(), format!("{slug}\n").as_bytes())
    }

    fn existing(&self, slug: &BoardSlug) -> Result<Layout, BoardError> {
        let layout = Layout::new(self.home, slug);
        if layout.exists() { Ok(layout) } else { Err(BoardError::NoSuchBoard(slug.clone())) }
    }

    fn slugs(&self) -> Result<Vec<BoardSlug>, BoardError> {
        let default = BoardSlug::default_board();
        let mut slugs = vec![default.clone()];
        for name in names_in(&self.home.boards_dir())? {
            // `_archived` and whatever else a person put there are not boards.
            let Ok(slug) = BoardSlug::parse(&name) else { continue };
            let is_board = slug.as_str() == name && slug != default;
            if is_board && Layout::new(self.home, &slug).exists() {
                slugs.push(slug);
            }
        }
        Ok(slugs)
    }

    /// Forgets the current board if it is `slug`. The caller holds the lock.
    fn clear_current(&self, slug: &BoardSlug) -> Result<(), BoardError> {
        // A `current` file that names nothing usable does not name this board either.
        let names_it = self.current().is_ok_and(|current| current == *slug);
        if names_it { replace::remove(&self.home.current_file()) } else { Ok(()) }
    }
}

/// Names of the entries of a directory; a missing directory has none.
fn names_in(dir: &Path) -> Result<Vec<String>, BoardError> {
    let failed = |source| BoardError::io("list", dir, source);
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        if names.len() == BOARDS_MAX {
            return Err(BoardError::TooManyBoards { dir: dir.to_owned() });
        }
        // A name that is not Unicode is no slug.
        names.extend(entry.map_err(failed)?.file_name().into_string());
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
