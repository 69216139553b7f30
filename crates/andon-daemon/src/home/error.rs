//! What can be wrong with the choice of a home or a board. Each error names its source, and
//! its hint is separate data for whoever renders it.

use std::io::ErrorKind::PermissionDenied;
use std::path::PathBuf;

use andon_core::id::{BadName, BoardSlug};

use crate::env::NotUnicode;
use crate::origin::Origin;

/// A home or board that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// No home of ours, but a Hermes board: the person must say which is meant.
    #[error("no Andon home at {}, but a Hermes board at {}", standard.display(), path.display())]
    HermesHomeFound {
        /// The Hermes home.
        path: PathBuf,
        /// Where our home would be.
        standard: PathBuf,
    },
    /// `HOME` is needed and not usable.
    #[error("the home directory cannot be found: HOME is not set to an absolute path")]
    NoUserHome,
    /// `~name` was given.
    #[error("path {path} names another user's home directory", path = path.display())]
    OtherUsersHome {
        /// The path as given.
        path: PathBuf,
    },
    /// A relative path in the environment.
    #[error("{variable} is the relative path {path}", path = path.display())]
    Relative {
        /// The variable.
        variable: String,
        /// Its value.
        path: PathBuf,
    },
    /// The explicit path cannot be made absolute.
    #[error("home {path} cannot be used", path = path.display())]
    Unusable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The path cannot be told to a worker, or put into a row of the board.
    #[error("home {path:?} cannot be used: {why}")]
    Unspeakable {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A variable that is not text.
    #[error(transparent)]
    NotUnicode(#[from] NotUnicode),
    /// A name that no board can have.
    #[error("{origin} does not name a board")]
    BadBoard {
        /// Who named it.
        origin: Origin,
        /// What is wrong with the name.
        source: BadName,
    },
    /// A well-formed name without a board.
    #[error("{origin} names board {slug}, which does not exist")]
    NoSuchBoard {
        /// The name.
        slug: BoardSlug,
        /// Who named it.
        origin: Origin,
    },
    /// The `current` file cannot be read.
    #[error("the current board cannot be read from {path}", path = path.display())]
    CurrentUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl HomeError {
    /// What the person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::HermesHomeFound { path, .. } => format!(
                "use the Hermes board with `--home {}`, or make a new one with `andon init`",
                path.display()
            ),
            Self::NoUserHome => "set HOME, or name the home with `--home`".to_owned(),
            Self::OtherUsersHome { .. } => "write the path out".to_owned(),
            Self::Relative { .. } => "give an absolute path".to_owned(),
            Self::Unusable { .. } | Self::Unspeakable { .. } => {
                "name another directory with `--home`".to_owned()
            }
            Self::NotUnicode(error) => format!("correct or unset {}", error.name),
            Self::BadBoard { origin, .. } => fix_of(origin),
            Self::NoSuchBoard { slug, origin: Origin::Argument(_) } => {
                format!("make it with `andon boards create {slug}`, or see `andon boards list`")
            }
            Self::NoSuchBoard { origin, .. } => fix_of(origin),
            Self::CurrentUnreadable { source, .. } if source.kind() == PermissionDenied => {
                "run as the user who owns the home, or name another one with `--home`".to_owned()
            }
            Self::CurrentUnreadable { .. } => {
                "write it anew with `andon boards switch <board>`".to_owned()
            }
        }
    }
}

fn fix_of(origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn | Origin::Argument(_) => "see `andon boards list`".to_owned(),
        Origin::File { .. } => "choose a board with `andon boards switch <board>`".to_owned(),
        Origin::Environment(name) => format!("correct or unset {name}"),
    }
}
