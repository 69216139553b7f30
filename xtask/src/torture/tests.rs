//! What the documents say of the engines.

use super::*;
use crate::tree;

/// Engines of which the tests of the test kit run a part.
const IN_TESTS: [&str; 1] = ["fuzz"];

#[test]
fn the_checks_run_a_part_of_every_engine_that_the_documents_name() {
    let text = tree::read("docs/reliability.md").unwrap();
    let named: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("| `cargo xtask torture "))
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert!(named.len() >= 9, "{named:?}");
    let left_out = |name: &&&str| {
        !IN_TESTS.contains(*name) && CI.iter().all(|arguments| arguments.first() != Some(*name))
    };
    let left_out: Vec<&&str> = named.iter().filter(left_out).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
