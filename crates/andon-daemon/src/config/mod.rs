//! Settings: read from layers, each value with the place it came from.
//!
//! From weak to strong: built-in defaults, a Hermes home's `config.yaml`, `config.toml`, its
//! section for the board, the environment, explicit arguments. [`resolve`] is pure;
//! [`load`] reads the two files for it. Nothing is corrected in silence: what a layer says
//! wrongly is an error that names the layer.

mod error;
mod hermes_yaml;
mod ignored;
mod key;
mod layer;
mod read;
mod typed;

pub use crate::toml_text::{FileError, Place, ReadError};
pub use error::ConfigError;
pub use ignored::{Ignored, IgnoredError, Whose, ignored};
pub use key::{InHermes, KEYS, Key, Kind, Value, find};
pub use typed::Config;

use std::path::Path;

use andon_core::id::BoardSlug;

use crate::env::Env;
use crate::home::{Home, HomeKind};
use crate::origin::Origin;
use crate::toml_text::{Source, read_file};

/// The shipped defaults.
const DEFAULTS: &str = include_str!("defaults.toml");

/// Everything that [`resolve`] looks at, from weak to strong.
#[derive(Debug, Clone, Copy)]
pub struct Layers<'a> {
    /// Path and text of a Hermes home's `config.yaml`.
    pub hermes: Option<(&'a Path, &'a str)>,
    /// Path and text of `config.toml`.
    pub file: Option<(&'a Path, &'a str)>,
    /// The board whose section of the file counts.
    pub board: Option<&'a BoardSlug>,
    /// The environment.
    pub env: &'a Env,
    /// What the caller was told explicitly.
    pub arguments: &'a [Argument],
}

/// A setting given by an explicit argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The setting's name.
    pub key: &'static str,
    /// Its value.
    pub value: Value,
    /// What the person wrote: `--interval`.
    pub flag: &'static str,
}

/// One setting as it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// The section it belongs to.
    pub section: &'static str,
    /// Its value.
    pub value: Value,
    /// Where that came from.
    pub origin: Origin,
}

/// Resolves the settings of a board from all layers.
pub fn resolve(layers: &Layers<'_>) -> Result<Config, ConfigError> {
    let defaults = Source { path: Path::new("defaults.toml"), text: DEFAULTS };
    let [built_in, _] = layer::toml_file(defaults, None, |_| Origin::BuiltIn)
        .expect("the shipped defaults are checked by a test");
    let mut said = vec![built_in];
    if let Some((path, text)) = layers.hermes {
        said.push(layer::hermes_file(Source { path, text })?);
    }
    if let Some((path, text)) = layers.file {
        let origin = |section: &str| Origin::File {
            path: path.to_owned(),
            section: Some(section.to_owned()),
        };
        said.extend(layer::toml_file(Source { path, text }, layers.board, origin)?);
    }
    said.push(layer::environment(layers.env)?);
    said.push(layer::arguments(layers.arguments)?);
    let settings = KEYS.iter().map(|key| strongest(key, &said)).collect();
    Ok(typed::config(settings))
}

/// Reads the files of `home` and resolves.
pub fn load(
    home: &Home,
    board: Option<&BoardSlug>,
    env: &Env,
    arguments: &[Argument],
) -> Result<Config, ConfigError> {
    let hermes = match home.kind() {
        HomeKind::Hermes => read_file(home.hermes_config_file())?,
        HomeKind::Own => None,
    };
    let file = read_file(home.config_file())?;
    resolve(&Layers {
        hermes: hermes.as_ref().map(|(path, text)| (path.as_path(), text.as_str())),
        file: file.as_ref().map(|(path, text)| (path.as_path(), text.as_str())),
        board,
        env,
        arguments,
    })
}

fn strongest(key: &'static Key, layers: &[Vec<layer::Said>]) -> Setting {
    let said = layers
        .iter()
        .rev()
        .find_map(|said| said.iter().rev().find(|said| said.key.name == key.name))
        .expect("the shipped defaults name every key");
    Setting {
        name: key.name,
        section: key.section,
        value: said.value.clone(),
        origin: said.origin.clone(),
    }
}

#[cfg(test)]
mod tests;
