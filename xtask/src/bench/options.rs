//! The command line of `bench`.

use std::path::PathBuf;

use crate::error::TaskError;

use super::effort::Effort;
use super::items;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) effort: Effort,
    /// Names of items; empty means all of them.
    only: Vec<String>,
    pub(super) out: Option<PathBuf>,
    /// The bench whose part of Andon is to run in a loop.
    pub(super) profile: Option<String>,
}

impl Options {
    /// Whether the item is among those asked for.
    pub(super) fn wants(&self, item: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == item)
    }
}

/// Reads the arguments. A quick run is the default: it shows that everything works.
pub(super) fn parse(arguments: &[String]) -> Result<Options, TaskError> {
    let mut options = Options { effort: Effort::Quick, only: Vec::new(), out: None, profile: None };
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let mut value =
            || words.next().ok_or_else(|| TaskError::Usage(format!("`{word}` needs a value")));
        match word {
            "--quick" => options.effort = Effort::Quick,
            "--full" => options.effort = Effort::Full,
            "--only" => options.only = names(value()?)?,
            "--out" => options.out = Some(PathBuf::from(value()?)),
            "--profile" => options.profile = Some(value()?.to_owned()),
            _ => return Err(TaskError::Usage(format!("`bench` does not know `{word}`"))),
        }
    }
    Ok(options)
}

fn names(list: &str) -> Result<Vec<String>, TaskError> {
    let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| items::ALL.iter().all(|item| item.name != name.as_str())) {
        None => Ok(names),
        Some(unknown) => {
            let known: Vec<&str> = items::ALL.iter().map(|item| item.name).collect();
            let known = known.join(", ");
            Err(TaskError::Usage(format!("no bench `{unknown}`; the benches are {known}")))
        }
    }
}
