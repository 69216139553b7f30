//! What somebody set and nobody reads, for `doctor`: a name that is spelt wrongly looks like a
//! setting, and is none.

use super::{ConfigError, KEYS, hermes_yaml};
use crate::boards::{BoardError, Boards};
use crate::env::Env;
use crate::home::{Home, HomeKind};
use crate::origin::Origin;
use crate::suggest;
use crate::toml_text::{Source, read_file};
use andon_core::id::BoardSlug;

/// Beginning of the names of our variables.
const PREFIX: &str = "ANDON_";

/// Our variables that are no settings: which board is meant, and what a worker is told.
const VARIABLES: [&str; 13] = [
    "ANDON_HOME",
    "ANDON_BOARD",
    "ANDON_DB",
    "ANDON_WORKSPACES_ROOT",
    "ANDON_ATTACHMENTS_ROOT",
    "ANDON_TASK",
    "ANDON_RUN_ID",
    "ANDON_CLAIM_LOCK",
    "ANDON_WORKSPACE",
    "ANDON_PROFILE",
    "ANDON_BRANCH",
    "ANDON_TENANT",
    "ANDON_RUN_MARK",
];

/// Something that is set and has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// What: a variable, a key, a section.
    pub what: String,
    /// Where it stands.
    pub origin: Origin,
    /// What was probably meant.
    pub meant: Option<String>,
    /// Whose it is.
    pub whose: Whose,
}

/// Whose a setting without effect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// It was meant for Andon.
    Ours,
    /// It is the peer's, for which it may well have an effect.
    Peers,
}

/// The settings could not be looked through.
#[derive(Debug, thiserror::Error)]
pub enum IgnoredError {
    /// A file of settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The boards of the home.
    #[error(transparent)]
    Boards(#[from] BoardError),
}

/// Finds variables of our form that no setting has, sections for boards that do not exist, and
/// keys of a Hermes home that Andon does not read.
pub fn ignored(home: &Home, env: &Env) -> Result<Vec<Ignored>, IgnoredError> {
    let mut ignored = variables(env);
    ignored.extend(sections(home)?);
    if home.kind() == HomeKind::Hermes {
        ignored.extend(keys_of_the_peer(home)?);
    }
    Ok(ignored)
}

fn variables(env: &Env) -> Vec<Ignored> {
    let settings: Vec<String> = KEYS.iter().map(super::Key::variable).collect();
    let known = || settings.iter().map(String::as_str).chain(VARIABLES);
    let ours = env.iter().map(|(name, _)| name).filter(|name| name.starts_with(PREFIX));
    let unknown = ours.filter(|name| known().all(|known| known != *name));
    let told = |name: &str| Ignored {
        what: format!("variable {name}"),
        origin: Origin::Environment(name.to_owned()),
        meant: suggest::nearest(name, known()).map(str::to_owned),
        whose: Whose::Ours,
    };
    unknown.map(told).collect()
}

fn sections(home: &Home) -> Result<Vec<Ignored>, IgnoredError> {
    let Some((path, text)) = read_file(home.config_file()).map_err(ConfigError::from)? else {
        return Ok(Vec::new());
    };
    let source = Source { path: &path, text: &text };
    let named = super::layer::boards_named(source).map_err(ConfigError::from)?;
    let boards = Boards::new(home).list()?;
    let exists = |slug: &BoardSlug| boards.iter().any(|entry| entry.layout.slug() == slug);
    let told = |slug: BoardSlug| Ignored {
        what: format!("section [board.{slug}]"),
        origin: Origin::file(path.clone()),
        meant: None,
        whose: Whose::Ours,
    };
    Ok(named.into_iter().filter(|slug| !exists(slug)).map(told).collect())
}

fn keys_of_the_peer(home: &Home) -> Result<Vec<Ignored>, ConfigError> {
    let Some((path, text)) = read_file(home.hermes_config_file())? else { return Ok(Vec::new()) };
    let scalars = hermes_yaml::kanban_scalars(Source { path: &path, text: &text })?;
    let unread = scalars.into_iter().filter(|scalar| super::layer::shared(&scalar.key).is_none());
    let told = |scalar: hermes_yaml::Scalar| Ignored {
        what: format!("kanban.{}", scalar.key),
        origin: Origin::file(path.clone()),
        meant: None,
        whose: Whose::Peers,
    };
    Ok(unread.map(told).collect())
}

#[cfg(test)]
mod tests;
