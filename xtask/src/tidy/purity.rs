//! Who may touch the world: core never, and a database file only in the files listed here.
//!
//! Clippy bans single functions; this check bans whole modules of the standard library in core,
//! and keeps the list of places that may lift one of clippy's bans.

use super::Finding;
use super::rust_text::Source;

/// Modules of the standard library that core must not name.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::os",
    "SystemTime",
    "Instant",
];

/// Modules that may lift a ban of `clippy.toml` outside of tests, with their reasons: a path
/// without `.rs` stands for that file and for the directory of that name. Whoever opens a database
/// file anywhere else cancels SQLite's locks when closing it again.
const MAY_LIFT_A_BAN: &[(&str, &str)] = &[
    (
        "crates/andon-store-sqlite/src/guard",
        "holds its own locks on the board, on descriptors that live as long as the process",
    ),
    (
        "crates/andon-faults/src/on",
        "a process that a test tells to die or to stop does it to itself; absent from releases",
    ),
    (
        "crates/andon-store-sqlite/src/witness",
        "reads a log before anybody has it open; SQLite takes no lock there that a close cancels",
    ),
    ("crates/andon-store-sqlite/src/lock", "opens lock files, which SQLite never opens"),
    (
        "crates/andon-store-sqlite/src/disk",
        "syncs, renames and removes files of ours, and reads and copies broken ones; nobody has them \
         open",
    ),
];

/// Every check of one file.
pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.path.starts_with("crates/andon-core/src/") {
        impure(source, &mut findings);
    }
    if !source.is_test() {
        lifted_bans(source, MAY_LIFT_A_BAN, &mut findings);
    }
    findings
}

fn impure(source: &Source<'_>, findings: &mut Vec<Finding>) {
    for (number, line) in source.numbered() {
        let names = |module: &str| {
            line.code.match_indices(module).any(|(at, _)| {
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                let before = line.code[..at].chars().last();
                let after = line.code[at + module.len()..].chars().next();
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            })
        };
        for module in IMPURE.iter().filter(|module| names(module)) {
            findings.push(Finding::at(
                source.path,
                number,
                format!("core names `{module}`"),
                "take the time, the text or the limit as an argument",
            ));
        }
    }
}

/// The lists that a file must be in before it may expect a `disallowed_…` lint.
fn lifted_bans(source: &Source<'_>, may_lift: &[(&str, &str)], findings: &mut Vec<Finding>) {
    let module = source.path.trim_end_matches(".rs");
    let is_listed = |listed: &str| {
        module.strip_prefix(listed).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if may_lift.iter().any(|(listed, _)| is_listed(listed)) {
        return;
    }
    for (number, line) in source.numbered() {
        if line.code.contains("clippy::disallowed_") {
            findings.push(Finding::at(
                source.path,
                number,
                "lifts a ban of clippy.toml",
                "go through a file that may, or list it in xtask/src/tidy/purity.rs with a reason",
            ));
        }
    }
}
