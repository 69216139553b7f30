//! Absolute paths of somebody's machine. Tests may use such paths as plain values.

use super::Finding;
use super::rust_text::is_test_path;
use crate::tree::SourceFile;

/// First parts of paths that exist on one machine only, or that belong to one run.
const MACHINE_DIRECTORIES: &[&str] = &["work", "root", "tmp"];

/// Finds paths of this machine in a text file that is not a test.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    if is_test_path(&file.path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for directory in MACHINE_DIRECTORIES {
            if names(line, directory) {
                findings.push(Finding::at(
                    &file.path,
                    index + 1,
                    format!("names a path below `/{directory}`"),
                    "say it relative to the checkout, or ask the system for the directory",
                ));
            }
        }
    }
    findings
}

/// Whether the line has `/directory/` at the beginning of a path, followed by a word.
fn names(line: &str, directory: &str) -> bool {
    let path = format!("/{directory}/");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().last();
        let after = line[at + path.len()..].chars().next();
        // `https://host/work/x`, `src/work/x` and `{root}/work/x` are no absolute paths.
        let continues = before.is_some_and(|c| c.is_alphanumeric() || "._-})/~*".contains(c));
        !continues && after.is_some_and(|c| c.is_alphanumeric() || "._-{$".contains(c))
    })
}
