//! `cargo xtask tidy`: the rules of the house that a machine can judge.
//!
//! Each check is a pure function from text to findings; only this file reads the tree. A finding
//! names a place, says what is wrong there and what to do instead. When a review remark would be
//! made twice, it becomes a check here.

mod clippy_tables;
mod leftovers;
mod lock;
mod modules;
mod named_tests;
mod paths;
mod purity;
mod rust_text;
mod security;
mod size;
#[cfg(test)]
mod tests;
mod walls;
mod weaknesses;

use std::fmt;

use crate::changelog;
use crate::error::TaskError;
use crate::r#gen::GENERATED;
use crate::tree::{self, SourceFile};

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// Counted from one; zero when the rule is about the file as a whole.
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) instead: String,
}

impl Finding {
    /// A finding at one line, counted from one.
    fn at(path: &str, line: usize, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), instead: instead.into() }
    }

    /// A finding about a whole file.
    pub(crate) fn file(path: &str, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::at(path, 0, what, instead)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.path)?;
        if self.line > 0 {
            write!(out, ":{}", self.line)?;
        }
        write!(out, ": {}; {}", self.what, self.instead)
    }
}

/// Prints every finding and fails when there is one.
pub(crate) fn run(arguments: &[String]) -> Result<(), TaskError> {
    if !arguments.is_empty() {
        return Err(TaskError::Usage("`tidy` takes no arguments".to_owned()));
    }
    let files = tree::files()?;
    let findings = check(&files, &tree::metadata()?);
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        return Err(TaskError::Untidy(findings.len()));
    }
    println!("{} files are tidy", files.len());
    Ok(())
}

/// Every check over the files of the tree and over what cargo says of its packages.
fn check(files: &[SourceFile], metadata: &serde_json::Value) -> Vec<Finding> {
    let mut findings = walls::check(metadata);
    findings.extend(walls::check_table(files));
    findings.extend(lock::check(text_of(files, "Cargo.lock")));
    findings.extend(clippy_tables::check(files));
    findings.extend(modules::check(files));
    findings.extend(size::check_exceptions(files));
    findings.extend(generated_exist(files));
    findings.extend(changelog::check_fragments(files));
    findings.extend(weaknesses::check(files));
    findings.extend(security::check(files));
    for file in files {
        findings.extend(paths::check(file));
        if file.path.ends_with(".rs") {
            let source = rust_text::Source::of(file);
            findings.extend(size::check(&source));
            findings.extend(leftovers::check(&source));
            findings.extend(purity::check(&source));
        }
    }
    findings
}

/// Whether what the generated files say is fresh is asked by `gen --check`.
fn generated_exist(files: &[SourceFile]) -> Vec<Finding> {
    GENERATED
        .iter()
        .filter(|generated| files.iter().all(|file| file.path != generated.path))
        .map(|generated| {
            Finding::file(generated.path, "is missing", "run `cargo xtask gen` and commit it")
        })
        .collect()
}

fn text_of<'a>(files: &'a [SourceFile], path: &str) -> &'a str {
    files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str())
}
