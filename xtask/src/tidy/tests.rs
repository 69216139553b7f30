//! Claims about each check, over small texts, and the claim that this very tree is tidy.

mod dependencies;
mod security;
mod sources;
mod weaknesses;

use super::Finding;
use crate::tree::{self, SourceFile};

#[test]
fn the_tree_is_tidy() {
    let findings = super::check(&tree::files().unwrap(), &tree::metadata().unwrap());
    let report: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(report.is_empty(), "{}", report.join("\n"));
}

#[test]
fn a_finding_names_place_fault_and_remedy() {
    let finding = Finding::at("src/a.rs", 7, "is wrong", "mend it");
    assert_eq!(finding.to_string(), "src/a.rs:7: is wrong; mend it");
    assert_eq!(
        Finding::file("a.toml", "is wrong", "mend it").to_string(),
        "a.toml: is wrong; mend it"
    );
}

/// A file of the tree with that text.
fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

/// What the findings say, and on which line.
fn said(findings: &[Finding]) -> Vec<(usize, &str)> {
    findings.iter().map(|finding| (finding.line, finding.what.as_str())).collect()
}
