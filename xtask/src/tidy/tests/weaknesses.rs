//! Claims about the check of the page of weaknesses.

use super::super::weaknesses::check;
use super::{file, said};
use crate::tree::SourceFile;

const TEST: &str = "//! Doc.\n#[test]\nfn it_holds() {}\n";

/// A page with a row for each mark that must be there, and these rows besides.
fn page(rows: &str) -> Vec<SourceFile> {
    let whole = (1..=43).map(|n| format!("B{n}")).chain((1..=46).map(|n| format!("D{n}")));
    let mut text: String =
        whole.map(|mark| format!("| {mark} | w | m | *not in this release* |\n")).collect();
    text.insert_str(0, rows);
    vec![
        file("docs/peer-weaknesses.md", &text),
        file("crates/a-b/src/c/tests.rs", TEST),
        file("crates/a-b/tests/it/d.rs", TEST),
        file("crates/a-b/src/e.rs", TEST),
    ]
}

#[test]
fn tests_are_found_beside_code_and_in_the_integration_binary() {
    let rows = "| S1 | w | m | `a_b::c::tests::it_holds`<br>`a_b::it::d::it_holds` |\n";
    assert_eq!(check(&page(rows)), []);
}

#[test]
fn a_name_that_is_no_test_is_found() {
    for name in ["a_b::c::tests::it_hold", "a_b::e::it_holds", "b::c::tests::it_holds", "it_holds"]
    {
        let findings = check(&page(&format!("| S1 | w | m | `{name}` |\n")));
        assert_eq!(said(&findings), [(1, &*format!("S1 names `{name}`, which does not exist"))]);
    }
}

#[test]
fn a_row_without_a_test_says_that_there_is_no_code() {
    assert_eq!(said(&check(&page("| S1 | w | m | none |\n"))), [(1, "S1 names no test")]);
}

#[test]
fn a_mark_is_there_once() {
    let twice = check(&page("| B1 | w | m | *not in this release* |\n"));
    assert_eq!(said(&twice), [(2, "B1 has a row already, in line 1")]);
    let mut files = page("");
    files[0].text = files[0].text.replace("| D46 |", "| D 46 |");
    assert_eq!(said(&check(&files)), [(0, "has no row for D46")]);
}

#[test]
fn a_page_that_is_gone_is_found() {
    assert_eq!(said(&check(&[])), [(0, "is missing")]);
}
