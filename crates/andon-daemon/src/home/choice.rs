//! Which board a call is about, and which files that means.
//!
//! The ranks: `--board`, environment, the `current` file, the default board. Whoever names a
//! board that cannot be used is told so; falling back to another board in silence would write
//! to the wrong one (S6).

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use andon_core::id::BoardSlug;

use super::{Home, HomeError, Layout, absolute_from_env, expand_tilde};
use crate::env::{Env, Variable};
use crate::origin::Origin;
use crate::private;

const BOARD: Variable = Variable { name: "ANDON_BOARD", twins: &["HERMES_KANBAN_BOARD"] };
pub(super) const DATABASE: Variable = Variable { name: "ANDON_DB", twins: &["HERMES_KANBAN_DB"] };
const WORKSPACES: Variable =
    Variable { name: "ANDON_WORKSPACES_ROOT", twins: &["HERMES_KANBAN_WORKSPACES_ROOT"] };
const ATTACHMENTS: Variable =
    Variable { name: "ANDON_ATTACHMENTS_ROOT", twins: &["HERMES_KANBAN_ATTACHMENTS_ROOT"] };

/// Longest `current` file that is read: a slug has 64 bytes, and anything larger is not one.
const CURRENT_BYTES_MAX: u64 = 4 << 10;

/// The board of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardChoice {
    /// Its paths, environment pins applied.
    pub layout: Layout,
    /// Who chose the board.
    pub origin: Origin,
    /// Who chose the database file; differs from `origin` when a variable pins it.
    pub database_origin: Origin,
}

/// Chooses the board: `explicit` is the text of `--board`. The variables that pin the database
/// and the roots count only when no board was given explicitly (B28, S5).
pub fn choose_board(
    home: &Home,
    explicit: Option<&str>,
    env: &Env,
) -> Result<BoardChoice, HomeError> {
    if let Some(text) = explicit {
        let origin = Origin::Argument("--board");
        let layout = existing(home, text, &origin)?;
        return Ok(BoardChoice { layout, database_origin: origin.clone(), origin });
    }
    let pin = pinned(DATABASE, env)?;
    let (layout, origin) = implied_board(home, env, pin.as_ref())?;
    let (layout, database_origin) = match pin {
        Some((name, path)) => (layout.with_database(path), Origin::Environment(name.to_owned())),
        None => (layout, origin.clone()),
    };
    let layout = match pinned(WORKSPACES, env)? {
        Some((_, path)) => layout.with_workspaces(path),
        None => layout,
    };
    let layout = match pinned(ATTACHMENTS, env)? {
        Some((_, path)) => layout.with_attachments(path),
        None => layout,
    };
    Ok(BoardChoice { layout, origin, database_origin })
}

/// The board that the surroundings name. A pinned database of a board of this home names that
/// board, before `current` can name another one for its attachments and logs.
fn implied_board(
    home: &Home,
    env: &Env,
    pin: Option<&(&'static str, PathBuf)>,
) -> Result<(Layout, Origin), HomeError> {
    if let Some((name, text)) = env.first(BOARD)? {
        let origin = Origin::Environment(name.to_owned());
        return Ok((existing(home, text, &origin)?, origin));
    }
    if let Some((name, path)) = pin
        && let Some(layout) = board_of_database(home, path)
    {
        return Ok((layout, Origin::Environment((*name).to_owned())));
    }
    if let Some(text) = read_current(home)? {
        let origin = Origin::file(home.current_file());
        return Ok((existing(home, &text, &origin)?, origin));
    }
    Ok((Layout::new(home, &BoardSlug::default_board()), Origin::BuiltIn))
}

fn existing(home: &Home, text: &str, origin: &Origin) -> Result<Layout, HomeError> {
    let slug = BoardSlug::parse(text)
        .map_err(|source| HomeError::BadBoard { origin: origin.clone(), source })?;
    let layout = Layout::new(home, &slug);
    if layout.exists() {
        Ok(layout)
    } else {
        Err(HomeError::NoSuchBoard { slug, origin: origin.clone() })
    }
}

fn board_of_database(home: &Home, database: &Path) -> Option<Layout> {
    let standard = Layout::new(home, &BoardSlug::default_board());
    if standard.database() == database {
        return Some(standard);
    }
    let slug = BoardSlug::parse(database.parent()?.file_name()?.to_str()?).ok()?;
    let layout = Layout::new(home, &slug);
    (layout.database() == database).then_some(layout)
}

fn pinned(variable: Variable, env: &Env) -> Result<Option<(&'static str, PathBuf)>, HomeError> {
    let Some((name, text)) = env.first(variable)? else { return Ok(None) };
    let path = absolute_from_env(name, expand_tilde(Path::new(text), env)?)?;
    Ok(Some((name, path)))
}

/// The text of the `current` file, none when there is none or it is blank.
pub(crate) fn read_current(home: &Home) -> Result<Option<String>, HomeError> {
    let path = home.current_file();
    let unreadable = |source| HomeError::CurrentUnreadable { path: path.clone(), source };
    let file = match private::open_to_read(&path) {
        Ok(file) => file,
        // Where the home is a file there is no board either, which is told when one is opened.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
    };
    let mut text = String::new();
    file.take(CURRENT_BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > CURRENT_BYTES_MAX {
        let why = format!("it is larger than {CURRENT_BYTES_MAX} bytes");
        return Err(unreadable(std::io::Error::new(ErrorKind::InvalidData, why)));
    }
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
