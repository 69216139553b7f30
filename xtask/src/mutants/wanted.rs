//! Which code is to be broken: the configuration, narrowed to the files asked for. Breaks nothing.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::error::TaskError;
use crate::tree;

const CONFIG: &str = ".cargo/mutants.toml";
/// What decides how a mutant fares: the code and the tests, and what they are built from.
const DECIDING: [&str; 4] = ["crates/", "Cargo.lock", "Cargo.toml", CONFIG];

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Parts of paths; empty means everything.
    parts: Vec<String>,
    /// The mutants are listed and not made.
    pub(super) only_lists: bool,
    /// Earlier answers do not count.
    pub(super) forgets: bool,
}

impl Wanted {
    pub(super) fn of(arguments: &[String]) -> Result<Self, TaskError> {
        let mut wanted = Self { parts: Vec::new(), only_lists: false, forgets: false };
        for argument in arguments {
            match argument.as_str() {
                "--list" => wanted.only_lists = true,
                "--afresh" => wanted.forgets = true,
                option if option.starts_with('-') => {
                    let usage = "`mutants` takes parts of paths, --list and --afresh";
                    return Err(TaskError::Usage(format!("no option `{option}`: {usage}")));
                }
                part => wanted.parts.push(part.to_owned()),
            }
        }
        Ok(wanted)
    }

    /// The files to be broken, of those that the configuration names, one a line.
    pub(super) fn files(&self, listed: &str) -> Result<Vec<String>, TaskError> {
        if let Some(stray) = self.parts.iter().find(|part| !listed.contains(part.as_str())) {
            return Err(TaskError::Usage(format!("no file of {CONFIG} has `{stray}` in its path")));
        }
        let is_wanted = |file: &&str| {
            self.parts.is_empty() || self.parts.iter().any(|part| file.contains(part))
        };
        Ok(listed.lines().filter(is_wanted).map(str::to_owned).collect())
    }
}

/// A name for the state of everything that decides how mutants fare, committed or not.
pub(super) fn fingerprint() -> Result<String, TaskError> {
    let mut hasher = DefaultHasher::new();
    for file in tree::files()? {
        if DECIDING.iter().any(|start| file.path.starts_with(start)) {
            (file.path, file.text).hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Writes the configuration as it is.
pub(super) fn write_all(to: &Path) -> Result<(), TaskError> {
    write(to, &tree::read(CONFIG)?)
}

/// Writes the configuration for some of its files.
pub(super) fn write_narrowed(to: &Path, files: &[String]) -> Result<(), TaskError> {
    write(to, &narrowed(&tree::read(CONFIG)?, files)?)
}

pub(super) fn narrowed(config: &str, files: &[String]) -> Result<String, TaskError> {
    let mut table: toml::Table = config.parse().map_err(|error: toml::de::Error| {
        TaskError::Malformed { what: CONFIG.to_owned(), why: error.to_string() }
    })?;
    let files = files.iter().cloned().map(toml::Value::String).collect();
    table.insert("examine_globs".to_owned(), toml::Value::Array(files));
    Ok(table.to_string())
}

/// Writes a file, with the directories above it.
pub(super) fn write(to: &Path, text: &str) -> Result<(), TaskError> {
    let directory = to.parent().expect("what is written here lies in a directory");
    fs::create_dir_all(directory).map_err(TaskError::file("create", directory))?;
    fs::write(to, text).map_err(TaskError::file("write", to))
}
