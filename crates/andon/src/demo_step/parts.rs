//! The first step: which parts a directory has, and a task for each.

use super::calls::Calls;
use super::{Depth, Mishap, PROFILE, Step};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Parts surveyed apart; further directories are left out, and the summary says so.
const PARTS_MAX: usize = 11;

/// Directories that hold what was built or fetched, not what was written.
pub(super) const SKIPPED: [&str; 6] =
    ["target", "node_modules", "vendor", "dist", "build", "__pycache__"];

/// Makes the tasks of the parts, and the one of the report, which waits for all of them.
pub(super) fn list(calls: &Calls, task: &str, (dir, out): (&Path, &Path)) -> Result<(), String> {
    let mut directories = directories(dir)?;
    let omitted = directories.len().saturating_sub(PARTS_MAX);
    directories.truncate(PARTS_MAX);
    let count = directories.len() + 1;
    let mut parts = vec![("the files at the top".to_owned(), dir.to_owned(), Depth::Files)];
    parts.extend(directories.into_iter().map(|path| (name(&path), path, Depth::Tree)));

    let mut ids = Vec::with_capacity(count);
    for (index, (name, path, depth)) in parts.into_iter().enumerate() {
        let mishap = match index {
            0 => Some(Mishap::Killed),
            1 => Some(Mishap::Stumbles),
            _ => None,
        };
        let title = format!("Survey {name}");
        let key = format!("part-{index}");
        ids.push(create(
            calls,
            &title,
            (&Step::Part { path, depth, mishap }, &key),
            &["--parent", task],
        )?);
    }
    // With a single part nothing has stumbled yet.
    let mishap = (count == 1).then_some(Mishap::Stumbles);
    let step = Step::Report { dir: dir.to_owned(), mishap };
    let workspace = format!("dir:{}", out.display());
    let mut more = vec!["--workspace", workspace.as_str()];
    ids.iter().for_each(|id| more.extend(["--parent", id.as_str()]));
    create(calls, "Write the report", (&step, "the-report"), &more)?;

    let summary = match omitted {
        0 => format!("{count} parts"),
        _ => format!("{count} parts; {omitted} more directories are left out"),
    };
    calls.complete(task, &summary, &json!({ "parts": count, "omitted": omitted }))
}

/// Makes a task; with its key, a second try finds what the first one made.
fn create(
    calls: &Calls,
    title: &str,
    (step, key): (&Step, &str),
    more: &[&str],
) -> Result<String, String> {
    let body = serde_json::to_string(step).map_err(|error| error.to_string())?;
    let mut arguments = vec![title, "--assignee", PROFILE, "--body", &body];
    arguments.extend(["--idempotency-key", key]);
    arguments.extend(more);
    calls.create(&arguments)
}

/// The directories that are parts, by name.
fn directories(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("cannot list {}: {error}", dir.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        // A link may lead anywhere, and would be surveyed twice; a path that is no text cannot
        // stand in the body of a task.
        if entry.file_type().is_ok_and(|kind| kind.is_dir())
            && path.to_str().is_some()
            && is_surveyed(&name(&path))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a directory of this name is looked into.
pub(super) fn is_surveyed(name: &str) -> bool {
    !name.starts_with('.') && !SKIPPED.contains(&name)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
