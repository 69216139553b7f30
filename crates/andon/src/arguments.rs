//! Argument values that several verbs take, read and refused in one way.
//!
//! What can be seen from the text alone is refused here, as a wrong call; what depends on the
//! board is left to it.

use crate::error::CliError;
use andon_core::id::{Assignee, BadName, TaskId};
use andon_core::run::JsonText;
use andon_core::task::{Workspace, WorkspaceKind};
use andon_core::time::Seconds;
use andon_daemon::env::Env;
use andon_daemon::profile::parse_span;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Levels of metadata: half of what most readers of JSON take, for it is shown within documents
/// that have levels of their own.
const METADATA_DEPTH_MAX: usize = 64;

/// Largest file that is read as a text: far above every limit of the board, which then says what
/// its limit is, and far below what would hurt.
const TEXT_FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads a task id, before anything is opened (S12).
pub(crate) fn task_id(text: &str) -> Result<TaskId, CliError> {
    Ok(TaskId::parse(text)?)
}

/// Reads a profile name.
pub(crate) fn assignee(text: &str) -> Result<Assignee, CliError> {
    Ok(Assignee::parse(text)?)
}

impl From<BadName> for CliError {
    fn from(error: BadName) -> Self {
        Self::user("bad_name", error.to_string())
    }
}

/// Reads a span of time; `flag` is what the person wrote it after.
pub(crate) fn span(flag: &str, text: &str) -> Result<Seconds, CliError> {
    parse_span(text).map_err(|error| CliError::usage(format!("{flag}: {error}")))
}

/// Reads `--metadata`: a JSON object. Returns it as text, with the artifacts that it names.
pub(crate) fn metadata(text: &str) -> Result<(JsonText, Vec<String>), CliError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| CliError::usage(format!("--metadata is not JSON: {error}")))?;
    let Value::Object(object) = &value else {
        return Err(CliError::usage("--metadata is not a JSON object"));
    };
    if depth(&value) > METADATA_DEPTH_MAX {
        let why = format!("--metadata is nested deeper than {METADATA_DEPTH_MAX} levels");
        return Err(CliError::usage(why));
    }
    let artifacts = match object.get("artifacts") {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str),
        Some(_) | None => [].iter().filter_map(Value::as_str),
    };
    let artifacts = artifacts.map(str::to_owned).collect();
    Ok((JsonText(andon_store::codec::spaced(&value)), artifacts))
}

/// Levels of a JSON value; a number has none. The reader bounds them, so this cannot go too deep.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Reads a workspace: `scratch`, `worktree`, `worktree:PATH` or `dir:PATH`.
pub(crate) fn workspace(
    text: &str,
    branch: Option<String>,
    env: &Env,
) -> Result<Workspace, CliError> {
    let (word, path) = match text.split_once(':') {
        Some((word, path)) => (word, Some(path)),
        None => (text, None),
    };
    let kind = match (WorkspaceKind::from_word(word), path) {
        (Some(WorkspaceKind::Scratch), Some(_)) | (_, Some("")) | (None, _) => {
            return Err(CliError::usage(format!("--workspace: {text:?} is no workspace"))
                .hint("write scratch, worktree, worktree:/path or dir:/path"));
        }
        (Some(kind), _) => kind,
    };
    Ok(Workspace { kind, path: path.map(|path| expand_home(path, env)), branch })
}

/// A reason as the end of a line.
pub(crate) fn because(reason: Option<&str>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// Joins words to one text; none if it is blank.
pub(crate) fn words(words: &[String]) -> Option<String> {
    let text = words.join(" ").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Reads a text file, or stdin where the path is `-`; `flag` is what the person wrote it after.
pub(crate) fn text_file(flag: &str, path: &Path) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(TEXT_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(TEXT_FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    let shown = path.display();
    read.map_err(|error| CliError::io(format!("{flag}: cannot read {shown}"), &error))?;
    if bytes.len() as u64 > TEXT_FILE_BYTES_MAX {
        let why = format!("{flag}: {shown} is larger than {TEXT_FILE_BYTES_MAX} bytes");
        return Err(CliError::user("too_long", why));
    }
    let not_text =
        |_| CliError::user("invalid_field", format!("{flag}: {shown} is not UTF-8 text"));
    String::from_utf8(bytes).map_err(not_text)
}

/// Replaces a leading `~/` by the home directory, as a shell would have done with a bare path.
pub(crate) fn expand_home(path: &str, env: &Env) -> String {
    let rest = match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        Some(_) | None => return path.to_owned(),
    };
    match env.text("HOME") {
        Ok(Some(home)) => format!("{}{rest}", home.trim_end_matches('/')),
        Ok(None) | Err(_) => path.to_owned(),
    }
}
