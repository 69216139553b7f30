//! A crate's `clippy.toml` replaces the one of the root instead of adding to it. This check keeps
//! the common entries in every copy, apart from the exceptions named here.

use toml::{Table, Value};

use super::Finding;
use crate::tree::SourceFile;

/// The table whose entries every other one repeats.
const ROOT: &str = "clippy.toml";
/// Lists of banned paths; every other key is a plain setting.
const BANS: &[&str] = &["disallowed-methods", "disallowed-types", "disallowed-macros"];

/// Bans of the root that a crate does not repeat, by the beginning of the path, with the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("crates/andon/clippy.toml", "std::process::exit", "the binary ends the process"),
    ("crates/andon-runner/clippy.toml", "rustix::process::", "the runner ends worker trees"),
];

/// Compares every crate's table with the root's.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tables = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(ROOT)) {
        match file.text.parse::<Table>() {
            Ok(table) => tables.push((file.path.as_str(), table)),
            Err(error) => findings.push(Finding::file(&file.path, error.to_string(), "mend it")),
        }
    }
    let Some((_, root)) = tables.iter().find(|(path, _)| *path == ROOT) else {
        findings.push(Finding::file(ROOT, "is missing", "restore it: it holds the common bans"));
        return findings;
    };
    for (path, table) in tables.iter().filter(|(path, _)| *path != ROOT) {
        findings.extend(compare(path, root, table));
    }
    findings
}

fn compare(path: &str, root: &Table, table: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, value) in root {
        if BANS.contains(&key.as_str()) {
            let kept = banned(table.get(key));
            let missing = banned(Some(value)).into_iter().filter(|ban| {
                let is_excepted = EXCEPTIONS
                    .iter()
                    .any(|(place, start, _)| *place == path && ban.starts_with(start));
                !is_excepted && !kept.contains(ban)
            });
            findings.extend(missing.map(|ban| {
                let what = format!("does not repeat the ban of `{ban}`");
                Finding::file(path, what, format!("copy the entry of `{key}` from {ROOT}"))
            }));
        } else if table.get(key) != Some(value) {
            let what = format!("differs from {ROOT} in `{key}`");
            findings.push(Finding::file(path, what, format!("write `{key} = {value}`")));
        }
    }
    findings
}

/// The paths of a list whose entries are texts or tables with a `path`.
fn banned(list: Option<&Value>) -> Vec<&str> {
    let entries = list.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    entries.iter().filter_map(|entry| entry.get("path").unwrap_or(entry).as_str()).collect()
}
