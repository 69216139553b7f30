//! Which names stand for which files: told by looking at the directory whenever it may have
//! changed, because the store makes, renames and removes files without SQLite.

use super::{Disk, FileId, Op, State};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::DirEntryExt;
use std::path::Path;

/// Names and files.
pub type Names = BTreeMap<OsString, FileId>;

/// Looks at a directory.
pub(super) fn scan(root: &Path) -> Names {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    entries.map(|entry| (entry.file_name(), entry.ino())).collect()
}

impl Disk {
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
