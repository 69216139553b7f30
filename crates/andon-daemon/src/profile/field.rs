//! The values of a profile's keys, each checked where it stands.

use std::num::NonZeroU32;

use andon_core::time::Seconds;
use toml::Spanned;
use toml::de::DeValue;

use super::{
    Argument, Bytes, EnvName, FixedVariables, Group, Limits, Need, OnExitZero, Placeholder,
    Template, parse_size, parse_span,
};
use crate::toml_text::{Entry, FileError};

pub(super) const LIMIT_KEYS: [&str; 6] = ["time", "memory", "cpu", "idle", "grace", "concurrency"];

/// Prefixes of variables that belong to the worker contract.
const RESERVED_PREFIXES: [&str; 2] = ["ANDON_", "HERMES_KANBAN_"];

pub(super) fn arguments(field: &Entry<'_>) -> Result<Vec<Argument>, FileError> {
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

pub(super) fn group(field: &Entry<'_>, group: Group) -> Result<Vec<Template>, FileError> {
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

pub(super) fn add_env(env: &mut Vec<EnvName>, field: &Entry<'_>) -> Result<(), FileError> {
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

pub(super) fn add_fixed(set: &mut FixedVariables, field: &Entry<'_>) -> Result<(), FileError> {
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

pub(super) fn on_exit_zero(field: &Entry<'_>) -> Result<OnExitZero, FileError> {
    match field.text()? {
        "completes" => Ok(OnExitZero::Completes),
        "violates" => Ok(OnExitZero::Violates),
        other => Err(field
            .error(format!("`on_exit_zero` is not {other:?}"))
            .with_hint("write \"completes\" or \"violates\"".to_owned())),
    }
}

pub(super) fn limits(limits: &mut Limits, field: &Entry<'_>) -> Result<(), FileError> {
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
