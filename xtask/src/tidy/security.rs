//! Whether the page on security names, for each thing that is defended and each limit, a test that
//! exists, and gives each limit the value that it has in the code.
//!
//! It does not judge whether a test proves what its row says: that is what its reader is for.

use super::Finding;
use super::named_tests::{exists, is_constant, named};
use crate::tree::SourceFile;

/// The page.
const PAGE: &str = "docs/security.md";

/// Heading of a last column that names tests.
const TEST: &str = "test";

/// Heading of a column that gives constants with their values, `path::NAME = value`.
const CONSTANT: &str = "constant";

/// Checks the page against the tree.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![Finding::file(PAGE, "is missing", "write down what is defended, and how")];
    };
    let mut findings = Vec::new();
    let mut rows = 0;
    let mut heading: Option<Vec<&str>> = None;
    for (index, text) in page.text.lines().enumerate() {
        let cells = cells(text);
        heading = match (heading, cells) {
            (_, None) => None,
            (None, Some(cells)) => Some(cells),
            (Some(heading), Some(cells)) => {
                if heading.last() == Some(&TEST) && !is_rule(&cells) {
                    rows += 1;
                    findings.extend(row(files, index + 1, &heading, &cells));
                }
                Some(heading)
            }
        };
    }
    if rows == 0 {
        let what = format!("has no table whose last column is `{TEST}`");
        findings.push(Finding::file(PAGE, what, "name the test of each thing that is defended"));
    }
    findings
}

fn row(files: &[SourceFile], line: usize, heading: &[&str], cells: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |what: String, instead: &str| {
        findings.push(Finding::at(PAGE, line, what, instead));
    };
    if heading.len() != cells.len() {
        let what = format!("has {} cells below {} headings", cells.len(), heading.len());
        find(what, "write a bar within a cell as `&#124;`");
        return findings;
    }
    let tests = cells.last().copied().map(named).unwrap_or_default();
    if tests.is_empty() {
        find("names no test".to_owned(), "name one in backticks, or do not claim it");
    }
    for name in tests.into_iter().filter(|name| !exists(files, name)) {
        let instead = "write `crate::path::name` of a test as it is called today";
        find(format!("names `{name}`, which does not exist"), instead);
    }
    let column = heading.iter().position(|title| *title == CONSTANT);
    for text in column.map(|column| named(cells[column])).unwrap_or_default() {
        let is_so =
            text.split_once(" = ").is_some_and(|(name, value)| is_constant(files, name, value));
        if !is_so {
            let instead = "write `crate::path::NAME = value` as it stands in the code";
            find(format!("gives `{text}`, which the code does not"), instead);
        }
    }
    findings
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// Whether it is the line below the headings.
fn is_rule(cells: &[&str]) -> bool {
    cells.iter().all(|cell| cell.bytes().all(|byte| byte == b'-'))
}
