//! Claims about the check of the page on security.

use super::super::security::check;
use super::{file, said};
use crate::tree::SourceFile;

const CODE: &str = "//! Doc.\npub const BYTES_MAX: usize = 1 << 20;\n";

/// A page with one table of this heading and row.
fn page(heading: &str, row: &str) -> Vec<SourceFile> {
    let text = format!("Words, and a `name`.\n\n{heading}\n|---|---|---|\n{row}\n");
    vec![
        file("docs/security.md", &text),
        file("crates/a-b/src/c.rs", CODE),
        file("crates/a-b/src/c/tests.rs", "//! Doc.\n#[test]\nfn it_holds() {}\n"),
    ]
}

const LIMITS: &str = "| input | constant | test |";
const TEST: &str = "`a_b::c::tests::it_holds`";

#[test]
fn a_row_gives_a_limit_as_it_is_and_a_test_that_exists() {
    let row = format!("| x | `a_b::c::BYTES_MAX = 1 << 20` | {TEST} |");
    assert_eq!(check(&page(LIMITS, &row)), []);
}

#[test]
fn a_limit_that_is_another_in_the_code_is_found() {
    for constant in ["a_b::c::BYTES_MAX = 1 << 2", "a_b::c::BYTES = 1 << 20", "a_b::c::BYTES_MAX"] {
        let findings = check(&page(LIMITS, &format!("| x | `{constant}` | {TEST} |")));
        assert_eq!(
            said(&findings),
            [(5, &*format!("gives `{constant}`, which the code does not"))]
        );
    }
}

#[test]
fn a_row_without_a_test_that_exists_is_found() {
    let row = |test: &str| format!("| x | y | {test} |");
    let heading = "| what | how | test |";
    assert_eq!(said(&check(&page(heading, &row("by hand")))), [(5, "names no test")]);
    let findings = check(&page(heading, &row("`a_b::c::tests::it_hold`")));
    assert_eq!(said(&findings), [(5, "names `a_b::c::tests::it_hold`, which does not exist")]);
    let findings = check(&page(heading, "| x | y |"));
    assert_eq!(said(&findings), [(5, "has 2 cells below 3 headings")]);
}

#[test]
fn tables_of_other_things_need_no_test_but_one_is_there() {
    let findings = check(&page("| what | how | why |", "| x | y | z |"));
    assert_eq!(said(&findings), [(0, "has no table whose last column is `test`")]);
    assert_eq!(said(&check(&[])), [(0, "is missing")]);
}
