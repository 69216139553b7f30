//! Limits and checks of texts that people and programs give, and the texts of errors.

use crate::rejected::Rejected;
use std::error::Error;

/// A title fits on a card and in one line of a list.
pub const TITLE_BYTES_MAX: usize = 1_000;
/// A body is a briefing, not a data file; the context that a worker reads shows 8 KiB of it.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Comments, results, summaries and reasons.
pub const NOTE_BYTES_MAX: usize = 256 << 10;
/// Metadata of a run, as JSON text.
pub const METADATA_BYTES_MAX: usize = 256 << 10;
/// Names, keys, tenants, branches: things that are indexed or shown in columns.
pub const NAME_BYTES_MAX: usize = 200;
/// Parents named in one create; more than this is a mistake.
pub const PARENTS_MAX: usize = 1_000;
/// Skills of one task.
pub const SKILLS_MAX: usize = 64;
/// Failure texts kept on a task (dispatch reference §7.1).
pub const ERROR_CHARS_MAX: usize = 500;
/// First line of a hand-off, as events carry it (dispatch reference §1.1).
pub const HANDOFF_LINE_CHARS_MAX: usize = 400;

/// Trims a title and refuses an empty, long or unprintable one.
pub fn title(text: &str) -> Result<String, Rejected> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Rejected::invalid("title", "it is empty"));
    }
    one_line("title", text, TITLE_BYTES_MAX)
}

/// Refuses a long text or one with control characters, line breaks included.
pub fn one_line(field: &'static str, text: &str, bytes_max: usize) -> Result<String, Rejected> {
    if text.len() > bytes_max {
        return Err(too_long(field, text.len(), bytes_max));
    }
    if text.chars().any(char::is_control) {
        return Err(Rejected::invalid(field, "it has control characters or line breaks"));
    }
    Ok(text.to_owned())
}

/// Refuses a long text or one with control characters other than line breaks and tabs.
pub fn prose(field: &'static str, text: &str, bytes_max: usize) -> Result<String, Rejected> {
    if text.len() > bytes_max {
        return Err(too_long(field, text.len(), bytes_max));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Rejected::invalid(field, "it has control characters"));
    }
    Ok(text.to_owned())
}

/// [`prose`] for a field that may be absent.
pub fn optional_prose(
    field: &'static str,
    text: Option<&str>,
    bytes_max: usize,
) -> Result<Option<String>, Rejected> {
    text.map(|text| prose(field, text, bytes_max)).transpose()
}

/// [`one_line`] for a field that may be absent; blank counts as absent.
pub fn optional_line(field: &'static str, text: Option<&str>) -> Result<Option<String>, Rejected> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => one_line(field, text, NAME_BYTES_MAX).map(Some),
    }
}

fn too_long(field: &'static str, bytes: usize, bytes_max: usize) -> Rejected {
    Rejected::TooLong { field, bytes, bytes_max }
}

/// First line of the first text that is not blank, cut to [`HANDOFF_LINE_CHARS_MAX`]. A text of
/// white space only is no hand-off (B24, D30).
pub fn handoff_line(summary: Option<&str>, result: Option<&str>) -> Option<String> {
    let line = filled(summary).or(filled(result))?.trim().lines().next()?.trim_end();
    Some(line.chars().take(HANDOFF_LINE_CHARS_MAX).collect())
}

/// A text that says something: white space only is none.
pub fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// Cuts an error text to what a task keeps.
pub fn clip_error(text: &str) -> String {
    text.chars().take(ERROR_CHARS_MAX).collect()
}

/// An error's text with the texts of its causes, for whoever keeps one line of it. A cause that its
/// error quotes already is not told twice.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests;
