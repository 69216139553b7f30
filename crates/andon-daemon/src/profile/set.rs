//! The profiles of a home, from their three sources: shipped with the program, found as Hermes
//! profiles, written in `profiles.toml`. Each can replace one of the same name before it.

use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::path::Path;

use andon_core::id::Assignee;

use super::parse::{self, Known};
use super::{FileError, Preset, Profile, ProfileError};
use crate::home::{Home, HomeKind};
use crate::origin::Origin;
use crate::toml_text::{Source, read_file};

/// The shipped profiles.
pub(super) const PRESETS: &str = include_str!("presets.toml");

/// Most directories looked at for profiles of a Hermes home; people have dozens.
const HERMES_PROFILES_MAX: usize = 10_000;

/// All profiles of a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profiles(BTreeMap<Assignee, Profile>);

impl Profiles {
    /// Reads the profiles of `home`: the presets, the profiles of a Hermes home, and
    /// `profiles.toml`, each able to replace one of the same name before it.
    pub fn load(home: &Home) -> Result<Self, ProfileError> {
        let mut profiles = Self::built_in();
        if home.kind() == HomeKind::Hermes {
            profiles.add_hermes(home)?;
        }
        if let Some((path, text)) = read_file(home.profiles_file())? {
            profiles.add_file(&path, &text)?;
        }
        Ok(profiles)
    }

    /// The presets, each a profile of its own name.
    pub fn built_in() -> Self {
        let source = Source { path: Path::new("presets.toml"), text: PRESETS };
        let none = Self(BTreeMap::new());
        let mut profiles = parse::profiles(source, Known { presets: &none, profiles: &none })
            .expect("the shipped profiles are checked by a test");
        for profile in &mut profiles {
            profile.preset = Preset::from_name(profile.name.as_str());
            profile.origin = Origin::BuiltIn;
        }
        Self(profiles.into_iter().map(|profile| (profile.name.clone(), profile)).collect())
    }

    /// Adds the profiles of a `profiles.toml`.
    pub fn add_file(&mut self, path: &Path, text: &str) -> Result<(), FileError> {
        let presets = Self::built_in();
        let known = Known { presets: &presets, profiles: self };
        for profile in parse::profiles(Source { path, text }, known)? {
            self.0.insert(profile.name.clone(), profile);
        }
        Ok(())
    }

    /// Adds each directory of Hermes profiles, and the profile `default` that always exists.
    fn add_hermes(&mut self, home: &Home) -> Result<(), ProfileError> {
        let dir = home.hermes_profiles_dir();
        let failed = |source| ProfileError::Directory { path: dir.clone(), source };
        let presets = Self::built_in();
        let preset = presets.preset(Preset::Hermes);
        self.add_hermes_profile(preset, Assignee::from_row("default".to_owned()), home.path());
        let entries = match std::fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries.take(HERMES_PROFILES_MAX) {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            // Names that no task can have as its assignee are not profiles, nor are files.
            let known = Assignee::parse(name).ok().filter(|parsed| parsed.as_str() == name);
            if let Some(name) = known
                && path.is_dir()
            {
                self.add_hermes_profile(preset, name, &path);
            }
        }
        Ok(())
    }

    fn add_hermes_profile(&mut self, preset: &Profile, name: Assignee, dir: &Path) {
        let description = format!("Hermes profile {name}");
        let origin = Origin::file(dir);
        self.0.insert(name.clone(), Profile { name, description, origin, ..preset.clone() });
    }

    /// The profile that a preset stands for, in the shipped set.
    pub(super) fn preset(&self, preset: Preset) -> &Profile {
        let is_it = |profile: &&Profile| profile.name.as_str() == preset.name();
        self.0.values().find(is_it).expect("every preset is shipped")
    }

    /// The profile of this name.
    pub fn get(&self, name: &Assignee) -> Option<&Profile> {
        self.0.get(name)
    }

    /// All profiles by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.values()
    }

    /// The limits of those profiles that have one of their own, as admission wants them.
    pub fn concurrency(&self) -> HashMap<Assignee, usize> {
        let own = |profile: &Profile| {
            let limit = profile.limits.concurrency?.get();
            Some((profile.name.clone(), usize::try_from(limit).unwrap_or(usize::MAX)))
        };
        self.iter().filter_map(own).collect()
    }
}
