//! What can fail when boards are listed, changed, archived or restored.

use std::io;
use std::path::{Path, PathBuf};

use andon_core::id::BoardSlug;
use andon_store::StoreError;

use super::lock::{HeldBy, UsedBy};
use crate::home::HomeError;

/// A board operation that was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// No board of this name.
    #[error("board {0} does not exist")]
    NoSuchBoard(BoardSlug),
    /// No archived board of this name.
    #[error("no archived board is called {0:?}")]
    NoSuchArchive(String),
    /// A board stands where one would be put.
    #[error("board {0} exists already")]
    Exists(BoardSlug),
    /// The default board always exists.
    #[error("the default board cannot be {0}")]
    DefaultBoard(&'static str),
    /// Somebody works on the board (B5).
    #[error("board {slug} is in use: {by}")]
    InUse {
        /// The board.
        slug: BoardSlug,
        /// Who does.
        by: UsedBy,
    },
    /// It cannot be found out whether somebody works on the board.
    #[error("cannot tell whether board {slug} is in use")]
    UsersUnknown {
        /// The board.
        slug: BoardSlug,
        /// What the store said.
        source: StoreError,
    },
    /// Another process changes boards of this home.
    #[error("boards are being changed by another process: {held_by}")]
    Locked {
        /// Who holds the lock.
        held_by: HeldBy,
    },
    /// `board.json` is not what it should be.
    #[error("metadata file {path} is broken: {problem}", path = path.display())]
    BrokenMetadata {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A text about a board that is not one.
    #[error("{field} is not valid: {why}")]
    BadText {
        /// Which one.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The directory of a new board is a link, so that the board would be made elsewhere.
    #[error("cannot make board {slug}: {} is a symbolic link", path.display())]
    Linked {
        /// The board.
        slug: BoardSlug,
        /// The link.
        path: PathBuf,
    },
    /// More boards than this program lists.
    #[error("directory {} holds more than {} entries", dir.display(), super::BOARDS_MAX)]
    TooManyBoards {
        /// The directory.
        dir: PathBuf,
    },
    /// No free name in the archive.
    #[error("no free name for board {0} in the archive")]
    ArchiveFull(BoardSlug),
    /// The current board cannot be told.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The filesystem refused.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// What was attempted: `read`, `write`, …
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl BoardError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// What the person can do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoSuchBoard(slug) => Some(format!("make it with `andon boards create {slug}`")),
            Self::NoSuchArchive(_) => Some("see `andon boards list --all`".to_owned()),
            Self::Exists(_) => Some("archive that one first".to_owned()),
            Self::InUse { by: UsedBy::Lock(_), .. } => {
                Some("stop the dispatcher of the board first".to_owned())
            }
            Self::InUse { by: UsedBy::Open(_), .. } => {
                Some("wait for the end of its running tasks, or cancel them first".to_owned())
            }
            Self::Locked { .. } => Some("try again when it is done".to_owned()),
            Self::BrokenMetadata { .. } => {
                Some("correct the file, or move it away to begin with defaults".to_owned())
            }
            Self::Home(error) => Some(error.hint()),
            Self::Linked { .. } => Some("remove the link, or choose another name".to_owned()),
            Self::DefaultBoard(_)
            | Self::UsersUnknown { .. }
            | Self::BadText { .. }
            | Self::TooManyBoards { .. }
            | Self::ArchiveFull(_)
            | Self::Io { .. } => None,
        }
    }
}
