//! Whether the page of the peer's weaknesses has a row for each, and names only tests that exist.
//!
//! It does not judge whether a test fails without the mend: that is what its reader is for.

use std::collections::BTreeMap;

use super::Finding;
use super::named_tests::{exists, named};
use crate::tree::SourceFile;

/// The page.
const PAGE: &str = "docs/peer-weaknesses.md";

/// Lists that the page must hold whole, by their letter, with their last number. Of the other lists
/// it holds what concerns the code.
const WHOLE: &[(&str, usize)] = &[("B", 43), ("D", 46)];

/// Cells of a row: mark, weakness, mend, test.
const CELLS: usize = 4;

/// What stands in the place of a test where no code can have the weakness.
const NO_CODE: &str = "*not in this release*";

/// One row of a table.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    line: usize,
    mark: &'a str,
    tests: &'a str,
}

/// Checks the page against the tree.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![Finding::file(PAGE, "is missing", "write down what is mended, and where")];
    };
    let rows = rows(&page.text);
    let mut findings = numbers(&rows);
    for row in &rows {
        let names = named(row.tests);
        if names.is_empty() && row.tests != NO_CODE {
            let what = format!("{} names no test", row.mark);
            let instead = format!("name one in backticks, or write {NO_CODE}");
            findings.push(Finding::at(PAGE, row.line, what, instead));
        }
        for name in names.into_iter().filter(|name| !exists(files, name)) {
            let what = format!("{} names `{name}`, which does not exist", row.mark);
            let instead = "write `crate::path::name` of a test as it is called today";
            findings.push(Finding::at(PAGE, row.line, what, instead));
        }
    }
    findings
}

/// The rows of all tables whose first cell is a letter and a number.
fn rows(text: &str) -> Vec<Row<'_>> {
    text.lines().enumerate().filter_map(|(index, line)| parse(index + 1, line)).collect()
}

fn parse(line: usize, text: &str) -> Option<Row<'_>> {
    let inner = text.strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
    let (letter, number) = cells.first()?.split_at_checked(1)?;
    let is_mark = letter.bytes().all(|b| b.is_ascii_uppercase()) && number.parse::<usize>().is_ok();
    let is_row = is_mark && cells.len() == CELLS;
    is_row.then(|| Row { line, mark: cells[0], tests: cells[CELLS - 1] })
}

/// Marks that are there twice, or not at all.
fn numbers(rows: &[Row<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        if let Some(first) = seen.insert(row.mark, row.line) {
            let what = format!("{} has a row already, in line {first}", row.mark);
            findings.push(Finding::at(PAGE, row.line, what, "make them one row"));
        }
    }
    for (letter, last) in WHOLE {
        let marks = (1..=*last).map(|number| format!("{letter}{number}"));
        for mark in marks.filter(|mark| !seen.contains_key(mark.as_str())) {
            let what = format!("has no row for {mark}");
            findings.push(Finding::file(PAGE, what, "say what mends it, and which test fails"));
        }
    }
    findings
}
