//! The layers of settings, each turned into values with their origins. Nothing here touches a
//! file or the process: texts and maps come in.

use andon_core::id::BoardSlug;

use super::key::{InHermes, KEYS, Key, Value, find};
use super::{Argument, ConfigError, read};
use crate::env::Env;
use crate::origin::Origin;
use crate::toml_text::{Entry, FileError, Source};

/// What one layer says about one setting.
pub(super) struct Said {
    pub(super) key: &'static Key,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// The table of boards' own sections.
const BOARD: &str = "board";

/// Reads the sections of `config.toml` that hold for every board, and those of `board`. The
/// sections of other boards are checked too: a mistake should not wait for its board.
pub(super) fn toml_file(
    source: Source<'_>,
    board: Option<&BoardSlug>,
    origin: impl Fn(&str) -> Origin,
) -> Result<[Vec<Said>; 2], FileError> {
    let table = source.parse()?;
    let (mut common, mut own) = (Vec::new(), Vec::new());
    for section in source.entries(&table) {
        if section.key == BOARD {
            for section in section.entries()? {
                let slug = BoardSlug::parse(section.key)
                    .map_err(|error| section.key_error(error.to_string()))?;
                let said = board_section(&section, &origin(&format!("{BOARD}.{slug}")))?;
                if board == Some(&slug) {
                    own.extend(said);
                }
            }
        } else {
            common.extend(common_section(&section, &origin(section.key))?);
        }
    }
    Ok([common, own])
}

fn common_section(section: &Entry<'_>, origin: &Origin) -> Result<Vec<Said>, FileError> {
    let sections = KEYS.iter().map(|key| key.section);
    if !sections.clone().any(|name| name == section.key) {
        return Err(match find(section.key) {
            Some(key) => section
                .key_error(format!("key `{}` stands outside its section", key.name))
                .with_hint(format!("put it under [{}]", key.section)),
            None => section.unknown("section", sections.chain([BOARD])),
        });
    }
    section.entries()?.map(|entry| said(&entry, Some(section.key), origin)).collect()
}

/// A board's section holds keys of all sections: their names are unique.
fn board_section(section: &Entry<'_>, origin: &Origin) -> Result<Vec<Said>, FileError> {
    section.entries()?.map(|entry| said(&entry, None, origin)).collect()
}

fn said(entry: &Entry<'_>, section: Option<&str>, origin: &Origin) -> Result<Said, FileError> {
    let Some(key) = find(entry.key) else {
        return Err(entry.unknown("key", KEYS.iter().map(|key| key.name)));
    };
    if section.is_some_and(|section| section != key.section) {
        return Err(entry
            .key_error(format!("key `{}` is in the wrong section", key.name))
            .with_hint(format!("put it under [{}]", key.section)));
    }
    Ok(Said { key, value: read::from_toml(key, entry)?, origin: origin.clone() })
}

/// Takes the settings that the peer shares with us out of its file's `kanban` section.
pub(super) fn hermes_file(source: Source<'_>) -> Result<Vec<Said>, ConfigError> {
    let scalars = super::hermes_yaml::kanban_scalars(source)?;
    let mut said = Vec::new();
    for scalar in scalars {
        let Some(key) = shared(&scalar.key) else { continue };
        let value = read::from_text(key, &scalar.value).map_err(|problem| {
            ConfigError::File(FileError { place: scalar.place, problem, hint: None })
        })?;
        let section = Some("kanban".to_owned());
        let origin = Origin::File { path: source.path.to_owned(), section };
        said.push(Said { key, value, origin });
    }
    Ok(said)
}

/// The setting of a key of the peer's section, if it is one that both have.
pub(super) fn shared(name: &str) -> Option<&'static Key> {
    find(name).filter(|key| key.in_hermes == InHermes::Yes)
}

/// The boards that have sections of their own.
pub(super) fn boards_named(source: Source<'_>) -> Result<Vec<BoardSlug>, FileError> {
    let table = source.parse()?;
    let mut named = Vec::new();
    for section in source.entries(&table).filter(|section| section.key == BOARD) {
        let slugs = section.entries()?;
        // A section that no board can have is an error of its own when settings are read.
        named.extend(slugs.filter_map(|section| BoardSlug::parse(section.key).ok()));
    }
    Ok(named)
}

/// Reads the variables of all settings, ours before the peer's.
pub(super) fn environment(env: &Env) -> Result<Vec<Said>, ConfigError> {
    let mut said = Vec::new();
    for key in KEYS {
        for name in [key.variable(), key.twin()] {
            let Some(text) = env.text(&name)? else { continue };
            let value = read::from_text(key, text)
                .map_err(|problem| ConfigError::Variable { name: name.clone(), problem })?;
            said.push(Said { key, value, origin: Origin::Environment(name) });
            break;
        }
    }
    Ok(said)
}

/// Checks the explicit arguments.
pub(super) fn arguments(arguments: &[Argument]) -> Result<Vec<Said>, ConfigError> {
    let said = |argument: &Argument| {
        let wrong = |problem| ConfigError::Argument { flag: argument.flag, problem };
        let key = find(argument.key)
            .ok_or_else(|| wrong(format!("there is no setting `{}`", argument.key)))?;
        let value = read::checked(key, argument.value.clone()).map_err(wrong)?;
        Ok(Said { key, value, origin: Origin::Argument(argument.flag) })
    };
    arguments.iter().map(said).collect()
}
