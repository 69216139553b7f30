//! What must not stay in a file: unfinished work, silenced lints, sleeps, names that say nothing.

use super::Finding;
use super::rust_text::Source;

/// What is banned in code, and what to do instead. Strings and comments do not count.
const BANNED_CODE: &[(&str, &str)] = &[
    ("todo!", "finish it, or return a typed error"),
    ("dbg!", "delete it"),
    ("#[allow(", "use `#[expect(lint, reason = \"…\")]`"),
    ("#![allow(", "use `#![expect(lint, reason = \"…\")]`"),
];

/// What is banned in comments as a whole word.
const BANNED_WORDS: &[&str] = &["FIXME", "XXX", "TODO"];

/// Module names that name no thing.
const BANNED_NAMES: &[&str] =
    &["utils", "util", "common", "helpers", "helper", "manager", "service", "misc"];

/// Test files that may sleep: the waits that everybody else uses, and workers whose very
/// behaviour is to take time.
const MAY_SLEEP: &[(&str, &str)] = &[
    ("crates/andon-testkit/src/wait.rs", "the one wait on a condition with a limit"),
    ("crates/andon-testkit/src/torture/real/pace.rs", "strikes and workers that take time"),
    ("crates/andon-testkit/src/bin/", "a fake worker takes time; no test waits by it"),
];

/// Every check of one file's text.
pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(module_name(source.path));
    findings.extend(module_doc(source));
    banned_text(source, &mut findings);
    sleeps(source, &mut findings);
    test_names(source, &mut findings);
    inline_tests(source, &mut findings);
    findings
}

fn module_name(path: &str) -> Option<Finding> {
    let mut parts = path.trim_end_matches(".rs").split('/');
    let name = parts.find(|part| BANNED_NAMES.contains(part))?;
    Some(Finding::file(path, format!("`{name}` names no thing"), "name it after what it holds"))
}

fn module_doc(source: &Source<'_>) -> Option<Finding> {
    let first = source.text.lines().find(|line| !line.trim().is_empty());
    if first.is_some_and(|line| line.starts_with("//!")) {
        return None;
    }
    Some(Finding::at(
        source.path,
        1,
        "has no module doc",
        "begin with `//!`: what the file is for and what it must not do",
    ))
}

fn banned_text(source: &Source<'_>, findings: &mut Vec<Finding>) {
    for (number, line) in source.numbered() {
        for (banned, instead) in BANNED_CODE {
            if line.code.contains(banned) {
                let what = format!("`{banned}` is left over");
                findings.push(Finding::at(source.path, number, what, *instead));
            }
        }
        for word in BANNED_WORDS {
            if line.comment.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word) {
                let what = format!("`{word}` is left over");
                let instead = "do it, or write down what holds today";
                findings.push(Finding::at(source.path, number, what, instead));
            }
        }
    }
}

fn sleeps(source: &Source<'_>, findings: &mut Vec<Finding>) {
    let may_sleep = MAY_SLEEP.iter().any(|(path, _)| source.path.starts_with(path));
    if !source.is_test() || may_sleep {
        return;
    }
    for (number, line) in source.numbered() {
        if line.code.contains("thread::sleep") || line.code.contains("time::sleep") {
            findings.push(Finding::at(
                source.path,
                number,
                "a test sleeps",
                "wait on a signal, or on a condition with a limit",
            ));
        }
    }
}

/// How far above a function its attributes are looked for.
const ATTRIBUTE_LINES_MAX: usize = 6;

fn test_names(source: &Source<'_>, findings: &mut Vec<Finding>) {
    for (number, line) in source.numbered() {
        if !line.code.trim_start().starts_with("fn test_") {
            continue;
        }
        let above = source.lines[..number - 1].iter().rev().take(ATTRIBUTE_LINES_MAX);
        let mut attributes = above.take_while(|line| !line.code.contains('}'));
        if attributes.any(|line| line.code.contains("#[test]")) {
            findings.push(Finding::at(
                source.path,
                number,
                "a test's name begins with `test_`",
                "name the claim: `block_from_running_ends_the_run`",
            ));
        }
    }
}

fn inline_tests(source: &Source<'_>, findings: &mut Vec<Finding>) {
    for (number, line) in source.numbered() {
        if line.code.trim_start().starts_with("mod tests {") {
            findings.push(Finding::at(
                source.path,
                number,
                "tests are inside the file",
                "move them to a `tests.rs` beside it: `#[cfg(test)] mod tests;`",
            ));
        }
    }
}
