//! What lies beside a board: backups, copies, boards that were moved aside. Under the name of a
//! finished one there is all of it, and those that must stay do.

use super::teller::{BOARD, State};
use super::volume::Image;
use crate::torture::Failure;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// The directory of the backups, on the disk.
pub(super) const BACKUPS: &str = "backups";

/// What the names of finished copies begin with, behind the board's name.
const KINDS: [&str; 5] =
    [".andon-", ".replaced-andon-", BROKEN, ".before-andon-", ".before-mending-andon-"];
/// The kind that is made of several files.
const BROKEN: &str = ".broken-andon-";
/// What they end with, those of the logs that belong to them included.
const ENDS: [&str; 3] = [".bak", ".bak-wal", ".bak-journal"];

/// Finished copies, and what is in each of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shelf(BTreeMap<OsString, u64>);

impl Shelf {
    /// What there is on an image. The database of a broken board's copy comes last: without it, the
    /// log under the copy's name is of one that was not finished, and the next attempt clears it.
    pub(super) fn of(image: &Image) -> Self {
        let is_begun = |name: &OsStr| {
            let database = name.to_str().filter(|name| name.contains(BROKEN)).and_then(database_of);
            database.is_some_and(|database| image.iter().all(|(name, _)| name != database))
        };
        let copies = image.iter().filter(|(name, _)| is_copy(name) && !is_begun(name));
        Self(copies.map(|(name, content)| (name.clone(), content.digest())).collect())
    }

    /// Names of the backups, as they are in their directory, oldest first.
    pub(super) fn backups(&self) -> Vec<OsString> {
        let names = self.0.keys().filter_map(|name| name.to_str());
        names.filter_map(|name| name.strip_prefix("backups/")).map(OsString::from).collect()
    }

    /// Files that are here and were not there.
    pub(super) fn beyond(&self, before: &Self) -> Self {
        let new = self.0.iter().filter(|(name, _)| !before.0.contains_key(*name));
        Self(new.map(|(name, digest)| (name.clone(), *digest)).collect())
    }

    /// The same files under names that another second would have given.
    pub(super) fn holds_equals_of(&self, wanted: &Self) -> bool {
        let kind = |name: &OsStr| {
            let text = name.to_string_lossy().into_owned();
            let kind = KINDS.iter().position(|kind| text.contains(kind));
            (kind, ENDS.iter().position(|end| text.ends_with(end)))
        };
        wanted.0.iter().all(|(name, digest)| {
            self.0.iter().any(|(other, found)| found == digest && kind(other) == kind(name))
        })
    }

    /// Checks what a cut left, on the way from one state to another or at rest in one.
    pub(super) fn require(&self, all: &[State], from: &Self, to: &Self) -> Result<(), Failure> {
        for (name, found) in &self.0 {
            let is_whole = all.iter().any(|state| state.shelf.0.get(name) == Some(found));
            if !is_whole {
                return Err(format!("{} is not what has that name", name.display()).into());
            }
        }
        if let Some((name, _)) =
            from.0.iter().find(|(name, _)| to.0.contains_key(*name) && !self.0.contains_key(*name))
        {
            return Err(format!("{} is gone", name.display()).into());
        }
        let of_either = |name: &&OsString| from.0.contains_key(*name) || to.0.contains_key(*name);
        let (found, least) =
            (self.0.keys().filter(of_either).count(), from.0.len().min(to.0.len()));
        if found < least {
            return Err(format!("{found} copies are left of at least {least}").into());
        }
        Ok(())
    }
}

/// The copy to which a log belongs, if this is the name of one.
fn database_of(name: &str) -> Option<&str> {
    name.strip_suffix("-wal").or_else(|| name.strip_suffix("-journal"))
}

fn is_copy(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let name = name.strip_prefix("backups/").unwrap_or(name);
    let Some(rest) = name.strip_prefix(BOARD) else { return false };
    KINDS.iter().any(|kind| rest.starts_with(kind)) && ENDS.iter().any(|end| rest.ends_with(end))
}

#[cfg(test)]
mod tests;
