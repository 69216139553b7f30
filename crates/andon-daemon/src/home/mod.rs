//! The home: the one directory that holds a person's boards, settings and profiles.
//!
//! This module says which directory that is and where things lie in it. It reads marks and the
//! `current` file, and must never create, move or open anything: [`crate::boards`] writes.

mod choice;
mod error;
mod hermes;
mod layout;

pub(crate) use choice::read_current;
pub use choice::{BoardChoice, choose_board};
pub use error::HomeError;
pub use hermes::hermes_root;
pub use layout::Layout;
pub(crate) use layout::{DATABASE_FILE, METADATA_FILE};

use std::path::{Component, Path, PathBuf};

use crate::env::{Env, Variable};
use crate::origin::Origin;

/// Names the home directory.
pub const HOME_VARIABLE: Variable = Variable { name: "ANDON_HOME", twins: &["HERMES_KANBAN_HOME"] };

/// Entries of which one is enough to make a directory a home. A board that was lost leaves its log
/// and its writers' lock: who looks for it must hear of that, and not that there is no home.
const HOME_MARKS: [&str; 6] = [
    "kanban.db",
    "kanban",
    "config.toml",
    "profiles.toml",
    "kanban.db-wal",
    "kanban.db.writer.lock",
];

/// Entries that only Hermes writes.
const HERMES_MARKS: [&str; 3] = ["config.yaml", "profiles", "state.db"];

/// Whose directory the home is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomeKind {
    /// Made by and for Andon.
    Own,
    /// A Hermes home: its settings and profiles are honoured too.
    Hermes,
}

/// A resolved home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    path: PathBuf,
    origin: Origin,
    kind: HomeKind,
}

impl Home {
    /// Resolves the home: `explicit` (`--home`), then the environment, then the root of the board
    /// that Hermes gave its worker, then the data directory of the user. Falling through to the
    /// last while a Hermes board exists and no home of ours does is an error, because the person
    /// may mean either; nothing is touched.
    pub fn resolve(explicit: Option<&Path>, env: &Env) -> Result<Self, HomeError> {
        let home = Self::named_or_standard(explicit, env)?;
        let was_named = explicit.is_some()
            || env.first(HOME_VARIABLE)?.is_some()
            || root_of_pinned_board(env)?.is_some();
        if was_named || home.exists() {
            return Ok(home);
        }
        match hermes_root(env)? {
            Some(root) if root.join("kanban.db").exists() => {
                Err(HomeError::HermesHomeFound { path: root, standard: home.path })
            }
            Some(_) | None => Ok(home),
        }
    }

    /// Resolves the home in which `andon init` makes a new board: the same ranks, and a Hermes
    /// home elsewhere is no obstacle, for the person has just chosen.
    pub fn resolve_for_init(explicit: Option<&Path>, env: &Env) -> Result<Self, HomeError> {
        Self::named_or_standard(explicit, env)
    }

    fn named_or_standard(explicit: Option<&Path>, env: &Env) -> Result<Self, HomeError> {
        let (path, origin) = if let Some(path) = explicit {
            let path = expand_tilde(path, env)?;
            let absolute = std::path::absolute(&path)
                .map_err(|source| HomeError::Unusable { path: path.clone(), source })?;
            (absolute, Origin::Argument("--home"))
        } else if let Some((name, text)) = env.first(HOME_VARIABLE)? {
            let path = expand_tilde(Path::new(text), env)?;
            (absolute_from_env(name, path)?, Origin::Environment(name.to_owned()))
        } else if let Some(found) = root_of_pinned_board(env)? {
            found
        } else {
            standard_home(env)?
        };
        let why = match path.to_str() {
            None => Some("its name is not valid Unicode"),
            Some(text) if text.contains(char::is_control) => {
                Some("its name has control characters or line breaks")
            }
            Some(_) => None,
        };
        if let Some(why) = why {
            return Err(HomeError::Unspeakable { path, why });
        }
        let kind = if HERMES_MARKS.iter().any(|mark| path.join(mark).exists())
            || hermes_root(env)?.is_some_and(|root| root == path)
        {
            HomeKind::Hermes
        } else {
            HomeKind::Own
        };
        Ok(Self { path, origin, kind })
    }

    /// The directory, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the choice came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whose home it is.
    pub fn kind(&self) -> HomeKind {
        self.kind
    }

    /// Whether the directory holds anything of a home already.
    pub fn exists(&self) -> bool {
        HOME_MARKS.iter().any(|mark| self.path.join(mark).exists())
    }

    /// `config.toml`.
    pub fn config_file(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// `profiles.toml`.
    pub fn profiles_file(&self) -> PathBuf {
        self.path.join("profiles.toml")
    }

    /// The settings file of a Hermes home.
    pub fn hermes_config_file(&self) -> PathBuf {
        self.path.join("config.yaml")
    }

    /// The directory of the profiles of a Hermes home.
    pub fn hermes_profiles_dir(&self) -> PathBuf {
        self.path.join("profiles")
    }

    /// The file that names the current board.
    pub fn current_file(&self) -> PathBuf {
        self.path.join("kanban").join("current")
    }

    /// The directory of the boards' directories.
    pub fn boards_dir(&self) -> PathBuf {
        self.path.join("kanban").join("boards")
    }

    /// The directory of archived boards. Its name is no valid slug, so it is never a board.
    pub fn archive_dir(&self) -> PathBuf {
        self.boards_dir().join("_archived")
    }

    /// The lock that every writer of `board.json` and `current` holds (B9).
    pub fn boards_lock_file(&self) -> PathBuf {
        self.path.join("kanban").join(".boards.lock")
    }
}

/// The Hermes root of the board that `HERMES_KANBAN_DB` names. Hermes tells its workers of the
/// board and not of the root: settings, profiles, logs and workspaces are those beside that board.
fn root_of_pinned_board(env: &Env) -> Result<Option<(PathBuf, Origin)>, HomeError> {
    let Some((name, text)) = env.first(choice::DATABASE)? else { return Ok(None) };
    let path = Path::new(text);
    let is_theirs = choice::DATABASE.twins.contains(&name) && path.is_absolute();
    let Some(dir) = path.parent().filter(|_| is_theirs && path.ends_with(DATABASE_FILE)) else {
        return Ok(None);
    };
    // `<root>/kanban.db`, or `<root>/kanban/boards/<slug>/kanban.db` (board reference §2).
    let root = match dir.parent() {
        Some(boards) if boards.ends_with("kanban/boards") => boards.ancestors().nth(2),
        Some(_) | None => Some(dir),
    };
    let is_hermes = |root: &&Path| HERMES_MARKS.iter().any(|mark| root.join(mark).exists());
    let origin = Origin::Environment(name.to_owned());
    Ok(root.filter(is_hermes).map(|root| (root.to_owned(), origin)))
}

/// `$XDG_DATA_HOME/andon`, else `~/.local/share/andon`. A relative `XDG_DATA_HOME` is ignored,
/// as the base directory specification demands.
fn standard_home(env: &Env) -> Result<(PathBuf, Origin), HomeError> {
    const XDG: &str = "XDG_DATA_HOME";
    match env.text(XDG)?.map(Path::new).filter(|path| path.is_absolute()) {
        Some(data) => Ok((data.join("andon"), Origin::Environment(XDG.to_owned()))),
        None => Ok((user_home(env)?.join(".local/share/andon"), Origin::BuiltIn)),
    }
}

/// Replaces a leading `~`. The form `~name` is refused: looking up other accounts is a shell's
/// business, and taking it for a directory called `~name` would surprise.
pub fn expand_tilde(path: &Path, env: &Env) -> Result<PathBuf, HomeError> {
    let mut components = path.components();
    match components.next() {
        Some(Component::Normal(first)) if first == "~" => {
            // Joining nothing would add a slash.
            Ok(user_home(env)?.components().chain(components).collect())
        }
        Some(Component::Normal(first)) if first.to_string_lossy().starts_with('~') => {
            Err(HomeError::OtherUsersHome { path: path.to_owned() })
        }
        Some(_) | None => Ok(path.to_owned()),
    }
}

fn user_home(env: &Env) -> Result<&Path, HomeError> {
    env.text("HOME")?.map(Path::new).filter(|path| path.is_absolute()).ok_or(HomeError::NoUserHome)
}

/// A relative path from the environment would mean another place in every directory.
pub(crate) fn absolute_from_env(name: &str, path: PathBuf) -> Result<PathBuf, HomeError> {
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(HomeError::Relative { variable: name.to_owned(), path })
    }
}

#[cfg(test)]
mod tests;
