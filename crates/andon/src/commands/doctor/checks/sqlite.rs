//! `sqlite`: which SQLite runs in this process, and that no second copy does.

use crate::commands::doctor::case::HomeCase;
use crate::commands::doctor::finding::Finding;
use andon_store_sqlite::{SQLITE_RELEASE_MIN, is_sound_sqlite, sqlite_version};
use std::collections::BTreeSet;

pub(super) fn look(_: &HomeCase) -> Vec<Finding> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut findings = vec![version()];
    findings.extend(copies(&maps).into_iter().map(|file| {
        Finding::problem(
            format!("a second SQLite is loaded into this process: {file}"),
            "start andon without LD_PRELOAD; two copies in one process cancel each other's locks",
        )
    }));
    findings
}

fn version() -> Finding {
    match sqlite_version() {
        Ok(found) if is_sound_sqlite() => {
            Finding::ok(format!("SQLite {} is compiled in ({})", found.release, found.source_id))
        }
        Ok(found) => Finding::problem(
            format!(
                "SQLite {} is compiled in, which may lose commits; {SQLITE_RELEASE_MIN} is needed",
                found.release
            ),
            "build andon with a newer libsqlite3-sys",
        ),
        Err(error) => Finding::problem(error.to_string(), "build andon anew"),
    }
}

/// Libraries among the mapped files that bring a SQLite of their own.
pub(super) fn copies(maps: &str) -> BTreeSet<String> {
    let files = maps.lines().filter_map(|line| line.split_once('/').map(|(_, path)| path));
    let is_copy = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        name.starts_with("libsqlite3") && name.contains(".so")
    };
    files.filter(is_copy).map(|path| format!("/{path}")).collect()
}
