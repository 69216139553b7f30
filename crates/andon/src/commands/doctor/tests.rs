//! The checks against their documentation, and what only a strange machine would show.

use super::checks::{CHECKS, Check, Look};
use super::finding::Finding;
use andon_wire::Severity;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../../docs/doctor.md");

fn row(check: &Check) -> String {
    let place = match check.look {
        Look::AtHome(_) => "home",
        Look::AtBoard(_) => "board",
    };
    let mends = if check.mends.is_empty() { "" } else { check.mends };
    format!("| `{}` | {place} | {} | {mends} |", check.name, check.about)
}

#[test]
fn the_documentation_has_a_row_for_each_check_and_no_other() {
    let of_check = |line: &&str| line.starts_with("| `") && line.matches(" | ").count() == 3;
    let written: Vec<&str> = PAGE.lines().filter(of_check).collect();
    let expected: Vec<String> = CHECKS.iter().map(row).collect();
    assert_eq!(written, expected, "docs/doctor.md should hold:\n{}", expected.join("\n"));
}

#[test]
fn the_names_of_checks_differ() {
    let names: BTreeSet<&str> = CHECKS.iter().map(|check| check.name).collect();
    assert_eq!(names.len(), CHECKS.len());
}

#[test]
fn a_setting_that_sqlite_did_not_keep_is_a_problem() {
    let read = |found: &str| andon_store_sqlite::ReadBack {
        name: "synchronous",
        wanted: 2,
        found: found.to_owned(),
    };
    let severity = |findings: Vec<Finding>| findings[0].severity;
    assert_eq!(severity(super::checks::schema::kept(&[read("2")])), Severity::Ok);
    assert_eq!(severity(super::checks::schema::kept(&[read("1")])), Severity::Problem);
}
