//! From what a layer says to a checked value: one rule per kind of setting, whatever the layer.

use andon_core::id::Assignee;
use toml::de::DeValue;

use super::key::{Key, Kind, TEXT_BYTES_MAX, Value};
use crate::toml_text::{Entry, FileError};

/// Reads a value of a TOML file. Types are exact there: `"60"` is not a number.
pub(super) fn from_toml(key: &Key, entry: &Entry<'_>) -> Result<Value, FileError> {
    let wrong = |problem| entry.error(problem);
    match (key.kind, entry.value.get_ref()) {
        (Kind::Integer { .. } | Kind::OptionalInteger { .. }, DeValue::Integer(_)) => {
            let number = entry.integer().ok_or_else(|| wrong(out_of_range(key)))?;
            in_range(key, number).map_err(wrong)
        }
        (Kind::OptionalInteger { .. }, DeValue::String(text)) if text == "none" => Ok(Value::Unset),
        (Kind::Flag, DeValue::Boolean(flag)) => Ok(Value::Flag(*flag)),
        (Kind::Profile, DeValue::String(text)) => profile(key, text).map_err(wrong),
        (kind, found) => Err(wrong(format!(
            "`{}` is {} ({kind}), not {}",
            key.name,
            noun(kind),
            found.type_str()
        ))),
    }
}

/// Reads a value given as text: a variable, or a scalar of a file without our types.
pub(super) fn from_text(key: &Key, text: &str) -> Result<Value, String> {
    let wrong = || format!("`{}` is {} ({}), not {text:?}", key.name, noun(key.kind), key.kind);
    match key.kind {
        Kind::OptionalInteger { .. } if text.eq_ignore_ascii_case("none") => Ok(Value::Unset),
        Kind::Integer { .. } | Kind::OptionalInteger { .. } => {
            in_range(key, text.parse().map_err(|_| wrong())?)
        }
        Kind::Flag => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(Value::Flag(true)),
            "0" | "false" | "no" | "off" => Ok(Value::Flag(false)),
            _ => Err(wrong()),
        },
        Kind::Profile => profile(key, text),
    }
}

/// Checks a value that is typed already.
pub(super) fn checked(key: &Key, value: Value) -> Result<Value, String> {
    match (key.kind, value) {
        (Kind::Integer { .. } | Kind::OptionalInteger { .. }, Value::Integer(number)) => {
            in_range(key, number)
        }
        (Kind::OptionalInteger { .. }, Value::Unset) => Ok(Value::Unset),
        (Kind::Flag, Value::Flag(flag)) => Ok(Value::Flag(flag)),
        (Kind::Profile, Value::Text(text)) => profile(key, &text),
        (kind, value) => Err(format!("`{}` is {} ({kind}), not {value}", key.name, noun(kind))),
    }
}

fn in_range(key: &Key, number: i64) -> Result<Value, String> {
    match key.kind {
        Kind::Integer { min, max } | Kind::OptionalInteger { min, max }
            if (min..=max).contains(&number) =>
        {
            Ok(Value::Integer(number))
        }
        Kind::Integer { .. } | Kind::OptionalInteger { .. } => {
            Err(format!("{}, not {number}", out_of_range(key)))
        }
        Kind::Flag | Kind::Profile => Err(out_of_range(key)),
    }
}

fn out_of_range(key: &Key) -> String {
    format!("`{}` is out of range: it is {}", key.name, key.kind)
}

fn profile(key: &Key, text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(Value::Text(String::new()));
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(format!("`{}` is longer than {TEXT_BYTES_MAX} bytes", key.name));
    }
    let name = Assignee::parse(text).map_err(|error| format!("`{}`: {error}", key.name))?;
    Ok(Value::Text(name.as_str().to_owned()))
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer { .. } | Kind::OptionalInteger { .. } => "a whole number",
        Kind::Flag => "a switch",
        Kind::Profile => "a text",
    }
}
