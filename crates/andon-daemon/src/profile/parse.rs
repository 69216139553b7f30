//! `profiles.toml`. Every complaint points at a line and a column and, where it can, says what
//! to write instead.

use andon_core::id::Assignee;

use super::{
    Action, Command, FixedVariables, GRACE, Group, Limits, OnExitZero, Preset, Profile, Profiles,
    field,
};
use crate::origin::Origin;
use crate::suggest::nearest;
use crate::toml_text::{Entry, FileError, Source};

pub(super) const KEYS: [&str; 11] = [
    "preset",
    "description",
    "command",
    "model_args",
    "skill_args",
    "goal_args",
    "env",
    "set",
    "manual",
    "on_exit_zero",
    "limits",
];

/// What a profile of a file can begin with.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// The shipped profiles, by whatever name the file calls the new one.
    pub(super) presets: &'a Profiles,
    /// The profiles that are there already, under their own names.
    pub(super) profiles: &'a Profiles,
}

/// Reads the profiles of a file.
pub(super) fn profiles(source: Source<'_>, known: Known<'_>) -> Result<Vec<Profile>, FileError> {
    let table = source.parse()?;
    let mut found = Vec::new();
    for section in source.entries(&table) {
        if section.key != "profiles" {
            return Err(section.unknown("section", ["profiles"]));
        }
        for entry in section.entries()? {
            let origin = Origin::File {
                path: source.path.to_owned(),
                section: Some(format!("profiles.{}", entry.key)),
            };
            found.push(profile(&entry, known, origin)?);
        }
    }
    Ok(found)
}

/// A profile in the making: what it begins with and what its table says.
struct Draft {
    profile: Profile,
    command: Option<Command>,
    manual: bool,
}

fn profile(entry: &Entry<'_>, known: Known<'_>, origin: Origin) -> Result<Profile, FileError> {
    let name = Assignee::parse(entry.key).map_err(|error| entry.key_error(error.to_string()))?;
    if name.as_str() != entry.key {
        return Err(entry
            .key_error(format!("profile name `{}` is not in lower case", entry.key))
            .with_hint(format!("write `{name}`")));
    }
    let mut draft = beginning(entry, name, known, origin)?;
    for field in entry.entries()? {
        apply(&mut draft, &field)?;
    }
    draft.profile.action = match (draft.command, draft.manual) {
        (_, true) => {
            if let Some(command) = entry.entries()?.find(|field| field.key == "command") {
                return Err(command
                    .key_error("a manual profile is never started, but has a command".to_owned())
                    .with_hint("drop `command` or `manual`".to_owned()));
            }
            Action::Manual
        }
        (Some(command), false) if !command.argv.is_empty() => Action::Start(command),
        (Some(_) | None, false) => {
            return Err(entry
                .key_error(format!("profile `{}` has nothing to start", entry.key))
                .with_hint("give it a `command` or a `preset`, or `manual = true`".to_owned()));
        }
    };
    Ok(draft.profile)
}

/// What a profile begins with: the preset it names; else the profile of its own name that is
/// there already; else nothing.
fn beginning(
    entry: &Entry<'_>,
    name: Assignee,
    known: Known<'_>,
    origin: Origin,
) -> Result<Draft, FileError> {
    let named = entry.entries()?.find(|field| field.key == "preset");
    let base = match named {
        Some(field) => Some(known.presets.preset(preset(&field)?)),
        None => known.profiles.get(&name),
    };
    let Some(base) = base else {
        let profile = Profile {
            name,
            preset: None,
            description: String::new(),
            action: Action::Manual,
            env: Vec::new(),
            set: FixedVariables::default(),
            on_exit_zero: OnExitZero::Violates,
            limits: NO_LIMITS,
            origin,
        };
        return Ok(Draft { profile, command: None, manual: false });
    };
    let (command, manual) = match &base.action {
        Action::Start(command) => (Some(command.clone()), false),
        Action::Manual => (None, true),
    };
    Ok(Draft { profile: Profile { name, origin, ..base.clone() }, command, manual })
}

const NO_LIMITS: Limits =
    Limits { time: None, memory: None, cpu: None, idle: None, grace: GRACE, concurrency: None };

fn preset(field: &Entry<'_>) -> Result<Preset, FileError> {
    let name = field.text()?;
    Preset::from_name(name).ok_or_else(|| {
        let names = Preset::ALL.map(Preset::name);
        let hint = match nearest(name, names) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => format!("presets are {}", names.join(", ")),
        };
        field.error(format!("unknown preset {name:?}")).with_hint(hint)
    })
}

fn apply(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), FileError> {
    let profile = &mut draft.profile;
    match entry.key {
        // Read before all others.
        "preset" => {}
        "description" => entry.text()?.clone_into(&mut profile.description),
        "command" => command(draft).argv = field::arguments(entry)?,
        "model_args" => command(draft).model_args = field::group(entry, Group::Model)?,
        "skill_args" => command(draft).skill_args = field::group(entry, Group::Skill)?,
        "goal_args" => command(draft).goal_args = field::group(entry, Group::Goal)?,
        "env" => field::add_env(&mut profile.env, entry)?,
        "set" => field::add_fixed(&mut profile.set, entry)?,
        "manual" => draft.manual = entry.flag()?,
        "on_exit_zero" => profile.on_exit_zero = field::on_exit_zero(entry)?,
        "limits" => field::limits(&mut profile.limits, entry)?,
        _ => return Err(entry.unknown("key", KEYS)),
    }
    Ok(())
}

/// The command in the making; one that only has groups is refused in the end.
fn command(draft: &mut Draft) -> &mut Command {
    draft.command.get_or_insert_with(|| Command {
        argv: Vec::new(),
        model_args: Vec::new(),
        skill_args: Vec::new(),
        goal_args: Vec::new(),
    })
}
