//! Noticing that a board's settings or profiles changed, without reading them.

use crate::home::{Home, HomeKind, Layout};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The state of all files that a board's settings and profiles come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<State>>);

/// What changes with a file's content: an editor writes in place or puts another file there.
#[derive(Debug, PartialEq, Eq)]
struct State {
    inode: u64,
    bytes: u64,
    modified_s: i64,
    modified_ns: i64,
}

impl Stamp {
    pub(super) fn of(home: &Home, layout: &Layout) -> Self {
        let mut files = vec![home.config_file(), home.profiles_file(), layout.metadata_file()];
        if home.kind() == HomeKind::Hermes {
            files.push(home.hermes_config_file());
            files.push(home.hermes_profiles_dir());
        }
        Self(files.iter().map(|file| state(file)).collect())
    }
}

/// Nothing where there is no such file, or none that may be looked at.
fn state(file: &Path) -> Option<State> {
    let metadata = file.metadata().ok()?;
    Some(State {
        inode: metadata.ino(),
        bytes: metadata.size(),
        modified_s: metadata.mtime(),
        modified_ns: metadata.mtime_nsec(),
    })
}
