//! Noticing that a board's settings or profiles changed, without reading them.

use crate::home::{Home, HomeKind, Layout};
use crate::quarantine::Fingerprint;

/// The looks of all files that a board's settings and profiles come from; nothing where there is no
/// such file, or none that may be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<Fingerprint>>);

impl Stamp {
    pub(super) fn of(home: &Home, layout: &Layout) -> Self {
        let mut files = vec![home.config_file(), home.profiles_file(), layout.metadata_file()];
        if home.kind() == HomeKind::Hermes {
            files.push(home.hermes_config_file());
            files.push(home.hermes_profiles_dir());
        }
        Self(files.iter().map(|file| Fingerprint::of(file)).collect())
    }
}
