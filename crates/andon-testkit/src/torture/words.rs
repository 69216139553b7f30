//! The words after an engine's name: `--name value`, each at most once.

use super::Failure;
use std::collections::BTreeMap;

/// Options that were given and not asked for yet.
#[derive(Debug)]
pub(super) struct Words(BTreeMap<String, String>);

impl Words {
    /// Reads the words.
    pub(super) fn read(words: &[String]) -> Result<Self, Failure> {
        let mut given = BTreeMap::new();
        for pair in words.chunks(2) {
            let [name, value] = pair else {
                return Err(format!("{} lacks its value", pair[0]).into());
            };
            let Some(name) = name.strip_prefix("--") else {
                return Err(format!("{name} is no option").into());
            };
            if given.insert(name.to_owned(), value.clone()).is_some() {
                return Err(format!("--{name} is given twice").into());
            }
        }
        Ok(Self(given))
    }

    /// The text given for an option.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// The number given for an option.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        match text.replace('_', "").parse() {
            Ok(number) => Ok(Some(number)),
            Err(error) => Err(format!("--{name} {text}: {error}").into()),
        }
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("--{name} is unknown here").into()),
        }
    }
}

#[cfg(test)]
mod tests;
