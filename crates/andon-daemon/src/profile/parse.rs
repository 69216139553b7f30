//! `profiles.toml`. Every complaint points at a line and a column and, where it can, says what
//! to write instead.

use std::num::NonZeroU32;

use andon_core::id::Assignee;
use andon_core::time::Seconds;
use toml::Spanned;
use toml::de::DeValue;

use super::{
    Action, Argument, Bytes, Command, EnvName, FixedVariables, GRACE, Group, Limits, Need,
    OnExitZero, Placeholder, Preset, Profile, Profiles, Template, parse_size, parse_span,
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

pub(super) const LIMIT_KEYS: [&str; 6] = ["time", "memory", "cpu", "idle", "grace", "concurrency"];

/// Prefixes of variables that belong to the worker contract.
const RESERVED_PREFIXES: [&str; 2] = ["ANDON_", "HERMES_KANBAN_"];

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

fn apply(draft: &mut Draft, field: &Entry<'_>) -> Result<(), FileError> {
    let profile = &mut draft.profile;
    match field.key {
        // Read before all others.
        "preset" => {}
        "description" => field.text()?.clone_into(&mut profile.description),
        "command" => command(draft).argv = arguments(field)?,
        "model_args" => command(draft).model_args = group(field, Group::Model)?,
        "skill_args" => command(draft).skill_args = group(field, Group::Skill)?,
        "goal_args" => command(draft).goal_args = group(field, Group::Goal)?,
        "env" => add_env(&mut profile.env, field)?,
        "set" => add_fixed(&mut profile.set, field)?,
        "manual" => draft.manual = field.flag()?,
        "on_exit_zero" => profile.on_exit_zero = on_exit_zero(field)?,
        "limits" => limits(&mut profile.limits, field)?,
        _ => return Err(field.unknown("key", KEYS)),
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

fn arguments(field: &Entry<'_>) -> Result<Vec<Argument>, FileError> {
    let mut arguments = Vec::new();
    for (text, item) in field.texts()? {
        let argument = match Group::marked_by(text) {
            Some(group) if arguments.contains(&Argument::Group(group)) => {
                return Err(field.error_at(item, format!("{text} stands here twice")));
            }
            Some(group) => Argument::Group(group),
            None => {
                let template = template(field, text, item)?;
                if template.uses(Placeholder::Skill) {
                    return Err(field
                        .error_at(item, "{skill} has a meaning in `skill_args` only".to_owned())
                        .with_hint("add `skill_args = [\"--skill\", \"{skill}\"]`".to_owned()));
                }
                Argument::One(template)
            }
        };
        arguments.push(argument);
    }
    match arguments.first() {
        Some(Argument::One(_)) => Ok(arguments),
        Some(Argument::Group(_)) | None => Err(field
            .error("`command` does not begin with a program".to_owned())
            .with_hint("write `command = [\"program\", \"argument\"]`".to_owned())),
    }
}

fn group(field: &Entry<'_>, group: Group) -> Result<Vec<Template>, FileError> {
    let mut templates = Vec::new();
    for (text, item) in field.texts()? {
        let template = template(field, text, item)?;
        if template.uses(Placeholder::Skill) && group != Group::Skill {
            let problem = format!("{{skill}} has no meaning in `{}`", field.key);
            return Err(field.error_at(item, problem));
        }
        templates.push(template);
    }
    Ok(templates)
}

fn template(
    field: &Entry<'_>,
    text: &str,
    item: &Spanned<DeValue<'_>>,
) -> Result<Template, FileError> {
    Template::parse(text).map_err(|error| field.error_at(item, error.problem).with_hint(error.hint))
}

fn add_env(env: &mut Vec<EnvName>, field: &Entry<'_>) -> Result<(), FileError> {
    for (text, item) in field.texts()? {
        let (name, need) = match text.strip_suffix('?') {
            Some(name) => (name, Need::Optional),
            None => (text, Need::Required),
        };
        check_variable(name)
            .map_err(|(problem, hint)| field.error_at(item, problem).with_hint(hint.to_owned()))?;
        // A name said again replaces what the preset says about it.
        env.retain(|known| known.name != name);
        env.push(EnvName { name: name.to_owned(), need });
    }
    Ok(())
}

fn add_fixed(set: &mut FixedVariables, field: &Entry<'_>) -> Result<(), FileError> {
    for variable in field.entries()? {
        check_variable(variable.key)
            .map_err(|(problem, hint)| variable.key_error(problem).with_hint(hint.to_owned()))?;
        let value = variable.text()?;
        if value.contains('\0') {
            return Err(variable.error(format!("`{}` has a NUL character", variable.key)));
        }
        set.0.insert(variable.key.to_owned(), value.to_owned());
    }
    Ok(())
}

fn check_variable(name: &str) -> Result<(), (String, &'static str)> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(letters) || name.as_bytes()[0].is_ascii_digit() {
        let hint = "use letters, digits and _; a ? at the end means that it may be missing";
        return Err((format!("{name:?} is not a variable's name"), hint));
    }
    if RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        let hint = "leave it out: every worker gets those of its own run";
        return Err((format!("variable {name} is the dispatcher's to set"), hint));
    }
    Ok(())
}

fn on_exit_zero(field: &Entry<'_>) -> Result<OnExitZero, FileError> {
    match field.text()? {
        "completes" => Ok(OnExitZero::Completes),
        "violates" => Ok(OnExitZero::Violates),
        other => Err(field
            .error(format!("`on_exit_zero` is not {other:?}"))
            .with_hint("write \"completes\" or \"violates\"".to_owned())),
    }
}

fn limits(limits: &mut Limits, field: &Entry<'_>) -> Result<(), FileError> {
    for limit in field.entries()? {
        match limit.key {
            "time" => limits.time = Some(span(&limit)?),
            "memory" => limits.memory = Some(size(&limit)?),
            "cpu" => limits.cpu = Some(span(&limit)?),
            "idle" => limits.idle = Some(span(&limit)?),
            "grace" => limits.grace = span(&limit)?,
            "concurrency" => limits.concurrency = Some(concurrency(&limit)?),
            _ => return Err(limit.unknown("limit", LIMIT_KEYS)),
        }
    }
    Ok(())
}

fn span(field: &Entry<'_>) -> Result<Seconds, FileError> {
    parse_span(&quantity(field)?).map_err(|error| field.error(error.to_string()))
}

fn size(field: &Entry<'_>) -> Result<Bytes, FileError> {
    parse_size(&quantity(field)?).map_err(|error| field.error(error.to_string()))
}

/// A quantity may be written as a plain number too.
fn quantity(field: &Entry<'_>) -> Result<String, FileError> {
    match field.integer() {
        Some(number) => Ok(number.to_string()),
        None => field.text().map(str::to_owned),
    }
}

fn concurrency(field: &Entry<'_>) -> Result<NonZeroU32, FileError> {
    let number = field.integer().and_then(|number| u32::try_from(number).ok());
    number
        .and_then(NonZeroU32::new)
        .ok_or_else(|| field.error("`concurrency` is a whole number of 1 or more".to_owned()))
}
