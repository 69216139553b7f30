//! The environment as a value. The binary takes it once and hands it down; nothing in this
//! library asks the process for a variable, so every rule here can be tested with a map.
//!
//! It must never print a value: values may be secrets.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// A variable of ours with the older names that rank just below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Our name: `ANDON_…`.
    pub name: &'static str,
    /// The names of the peer for the same thing, best first.
    pub twins: &'static [&'static str],
}

/// A snapshot of environment variables.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, OsString>);

/// A variable that is set to something that is not Unicode text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name} is not valid Unicode")]
pub struct NotUnicode {
    /// The variable.
    pub name: String,
}

impl Env {
    /// Takes a snapshot from pairs such as `std::env::vars_os()` gives. A name that is not
    /// Unicode is left out: no variable of ours, of the peer or of a profile has one.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let named = |(name, value): (N, V)| Some((name.into().into_string().ok()?, value.into()));
        Self(pairs.into_iter().filter_map(named).collect())
    }

    /// The value exactly as it is set, empty or not.
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// The value as text, white space trimmed; an empty value counts as not set.
    pub fn text(&self, name: &str) -> Result<Option<&str>, NotUnicode> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        let text = value.to_str().ok_or_else(|| NotUnicode { name: name.to_owned() })?.trim();
        Ok((!text.is_empty()).then_some(text))
    }

    /// The first name of `variable` that is set, with its value.
    pub fn first(&self, variable: Variable) -> Result<Option<(&'static str, &str)>, NotUnicode> {
        for name in std::iter::once(&variable.name).chain(variable.twins) {
            if let Some(text) = self.text(name)? {
                return Ok(Some((name, text)));
            }
        }
        Ok(None)
    }

    /// All variables, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_os_str()))
    }

    /// All variables as text, for a program that is started with them.
    pub fn into_text_pairs(self) -> Result<Vec<(String, String)>, NotUnicode> {
        let text = |(name, value): (String, OsString)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(NotUnicode { name }),
        };
        self.0.into_iter().map(text).collect()
    }

    /// Sets a variable in this snapshot.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<OsString>) {
        self.0.insert(name.into(), value.into());
    }

    /// Takes a variable out of this snapshot.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}

/// Shows the names only.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests;
