//! Which names stand for which files: told by looking at the directories whenever they may have
//! changed, because the store makes, renames and removes files without SQLite.

use super::{Disk, FileId, Op, State};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirEntryExt;
use std::path::Path;

/// Names below the disk's root, and files. That of a directory ends in a slash; those of the files
/// in it begin with that, and so come after it.
pub type Names = BTreeMap<OsString, FileId>;

/// The directory in which a name stands, as [`Names`] have it; nothing for the root.
pub fn directory_of(name: &OsStr) -> &OsStr {
    let bytes = name.as_bytes();
    let inner = bytes.strip_suffix(b"/").unwrap_or(bytes);
    let end = inner.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    OsStr::from_bytes(&inner[..end])
}

/// Whether a name is that of a directory.
pub fn is_directory(name: &OsStr) -> bool {
    name.as_bytes().ends_with(b"/")
}

/// Looks at a directory and all below it.
pub(super) fn scan(root: &Path) -> Names {
    let mut names = Names::new();
    // Ends, because the store makes no links between directories.
    let mut directories = vec![OsString::new()];
    while let Some(directory) = directories.pop() {
        let entries = std::fs::read_dir(root.join(&directory)).into_iter().flatten().flatten();
        for entry in entries {
            let mut name = directory.clone().into_vec();
            name.extend(entry.file_name().into_vec());
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory {
                name.push(b'/');
            }
            let name = OsString::from_vec(name);
            if is_directory {
                directories.push(name.clone());
            }
            names.insert(name, entry.ino());
        }
    }
    names
}

impl Disk {
    /// The name of a directory of the disk, as [`Names`] have it.
    pub(super) fn directory_name(&self, directory: &Path) -> Option<OsString> {
        let inner = directory.strip_prefix(&self.0.root).ok()?.as_os_str().as_bytes().to_owned();
        let slash = if inner.is_empty() { &b""[..] } else { b"/" };
        Some(OsString::from_vec([&inner, slash].concat()))
    }

    /// Logs what happened to names since the last look.
    pub(super) fn look_at_names(&self, state: &mut State) {
        if !std::mem::take(&mut state.names_are_old) {
            return;
        }
        let now = scan(&self.0.root);
        let before = std::mem::replace(&mut state.names, now.clone());
        let is_same = |name: &OsString, id: &FileId, other: &Names| other.get(name) == Some(id);
        let mut gone: Vec<(OsString, FileId)> =
            before.iter().filter(|(n, id)| !is_same(n, id, &now)).map(owned).collect();
        for (to, file) in now.iter().filter(|(n, id)| !is_same(n, id, &before)).map(owned) {
            // A file that lost one name and got another was renamed, which is one step.
            match gone.iter().position(|(_, id)| *id == file) {
                Some(nth) => {
                    let (from, _) = gone.swap_remove(nth);
                    state.record(|| Op::Rename { from, to, file });
                }
                None => state.record(|| Op::Link { name: to, file }),
            }
        }
        for (name, _) in gone.into_iter().filter(|(name, _)| !now.contains_key(name)) {
            state.record(|| Op::Unlink { name });
        }
    }
}

fn owned((name, id): (&OsString, &FileId)) -> (OsString, FileId) {
    (name.clone(), *id)
}
