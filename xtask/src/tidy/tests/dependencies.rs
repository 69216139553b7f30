//! Claims about walls, the lock file and clippy's tables.

use serde_json::{Value, json};

use super::super::{clippy_tables, lock, walls};
use super::{file, said};
use crate::tree::{self, SourceFile};

/// A dependency: its target and its kind, which cargo leaves out for a normal one.
type Edge<'a> = (&'a str, Option<&'a str>);

/// Cargo's answer for packages given as name and edges.
fn workspace(packages: &[(&str, &[Edge<'_>])]) -> Value {
    let packages: Vec<Value> = packages
        .iter()
        .map(|(name, edges)| {
            let edges: Vec<Value> =
                edges.iter().map(|(name, kind)| json!({ "name": name, "kind": kind })).collect();
            json!({ "name": name, "dependencies": edges })
        })
        .collect();
    json!({ "packages": packages })
}

#[test]
fn edges_of_the_table_pass() {
    let metadata = workspace(&[
        ("andon-core", &[("thiserror", None)]),
        ("andon-store", &[("andon-core", None), ("andon-testkit", Some("dev"))]),
        ("andon-testkit", &[("andon-store", None), ("rusqlite", None)]),
        ("andon", &[("andon-store", None), ("andon-testkit", Some("dev"))]),
    ]);
    assert_eq!(said(&walls::check(&metadata)), []);
}

#[test]
fn an_edge_through_a_wall_is_found() {
    let metadata = workspace(&[
        ("andon-core", &[]),
        ("andon-store-sqlite", &[]),
        ("andon-daemon", &[("andon-core", None), ("andon-store-sqlite", None)]),
    ]);
    let findings = walls::check(&metadata);
    assert_eq!(said(&findings), [(0, "`andon-daemon` may not depend on `andon-store-sqlite`")]);
    assert_eq!(findings[0].path, "crates/andon-daemon/Cargo.toml");
}

#[test]
fn core_takes_one_crate_and_the_daemon_names_no_backend() {
    let metadata = workspace(&[
        ("andon-core", &[("thiserror", None), ("serde", None)]),
        ("andon-daemon", &[("rusqlite", None)]),
    ]);
    let expected = [
        (0, "`andon-core` may not depend on the crate `serde`"),
        (0, "`andon-daemon` may not depend on the crate `rusqlite`"),
    ];
    assert_eq!(said(&walls::check(&metadata)), expected);
}

#[test]
fn nothing_depends_on_the_binary_not_even_tests() {
    let metadata = workspace(&[("andon", &[]), ("andon-testkit", &[("andon", Some("dev"))])]);
    let expected = [(0, "`andon-testkit` depends on `andon`, on which nothing may depend")];
    assert_eq!(said(&walls::check(&metadata)), expected);
}

#[test]
fn the_testkit_is_found_behind_another_crate() {
    let metadata = workspace(&[
        ("andon-store", &[("andon-testkit", None)]),
        ("andon-testkit", &[]),
        ("andon", &[("andon-store", None)]),
    ]);
    let expected = [
        (0, "`andon-store` may not depend on `andon-testkit`"),
        (0, "`andon-testkit` is reachable from a release build"),
    ];
    assert_eq!(said(&walls::check(&metadata)), expected);
}

#[test]
fn a_crate_without_a_line_in_the_table_is_found() {
    let metadata = workspace(&[("andon-extras", &[])]);
    assert_eq!(
        said(&walls::check(&metadata)),
        [(0, "`andon-extras` has no line in the table of walls")]
    );
}

/// The table of this very tree, changed.
fn table(change: impl FnOnce(String) -> String) -> Vec<SourceFile> {
    let text = tree::read("ARCHITECTURE.md").unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text);
    vec![file("ARCHITECTURE.md", &changed)]
}

#[test]
fn a_document_that_tells_of_other_edges_is_found() {
    let more = table(|text| text.replace("| core, serde, serde_json |", "| core, serde, rustix |"));
    let findings = walls::check_table(&more);
    let expected = "`andon-wire` may depend on core, serde, serde_json, not on core, serde, rustix";
    assert_eq!(findings.iter().map(|found| found.what.as_str()).collect::<Vec<_>>(), [expected]);
    assert!(findings[0].line > 0);

    let renamed = table(|text| text.replace("| `andon-wire` |", "| `andon-string` |"));
    let findings = walls::check_table(&renamed);
    let expected = ["`andon-string` has no wall", "`andon-wire` has no row in the table of crates"];
    assert_eq!(findings.iter().map(|found| found.what.as_str()).collect::<Vec<_>>(), expected);
}

const SQLITE: &str = "[[package]]\nname = \"libsqlite3-sys\"\nversion = \"0.37.0\"\n";

#[test]
fn one_new_sqlite_passes() {
    assert_eq!(said(&lock::check(SQLITE)), []);
}

#[test]
fn a_second_or_old_or_absent_sqlite_is_found() {
    let two = format!("{SQLITE}\n{}", SQLITE.replace("0.37", "0.38"));
    let second = "holds 2 copies of `libsqlite3-sys`, there must be exactly one";
    assert_eq!(said(&lock::check(&two)), [(0, second)]);

    let old = SQLITE.replace("0.37", "0.36");
    assert_eq!(said(&lock::check(&old)), [(0, "`libsqlite3-sys` 0.36.0 is older than 0.37")]);

    let absent = "holds 0 copies of `libsqlite3-sys`, there must be exactly one";
    assert_eq!(said(&lock::check("")), [(0, absent)]);
}

#[test]
fn the_package_budget_and_the_source_are_kept() {
    let mut text = SQLITE.to_owned();
    for number in 0..250 {
        text.push_str(&format!("[[package]]\nname = \"p{number}\"\nversion = \"1.0.0\"\n"));
    }
    text.push_str("source = \"git+https://example.org/p\"\n");
    let expected = [
        (0, "holds 251 packages, the budget is 250"),
        (0, "`p249` comes from elsewhere than crates.io"),
    ];
    assert_eq!(said(&lock::check(&text)), expected);
}

const ROOT_TABLE: &str = "too-many-lines-threshold = 70\n\
    disallowed-methods = [{ path = \"std::process::exit\", reason = \"r\" }, \"a::b\"]\n";

#[test]
fn a_copy_repeats_the_common_entries() {
    let root = file("clippy.toml", ROOT_TABLE);
    let same = file("crates/andon-core/clippy.toml", ROOT_TABLE);
    assert_eq!(said(&clippy_tables::check(&[root.clone(), same])), []);

    let poor = file("crates/andon-core/clippy.toml", "disallowed-methods = [\"a::b\"]\n");
    let expected = [
        (0, "does not repeat the ban of `std::process::exit`"),
        (0, "differs from clippy.toml in `too-many-lines-threshold`"),
    ];
    let mut findings = clippy_tables::check(&[root, poor]);
    findings.sort_by_key(|finding| finding.what.len());
    assert_eq!(said(&findings), expected);
}

#[test]
fn the_binary_may_end_the_process() {
    let root = file("clippy.toml", ROOT_TABLE);
    let text = "too-many-lines-threshold = 70\ndisallowed-methods = [\"a::b\"]\n";
    let binary = file("crates/andon/clippy.toml", text);
    assert_eq!(said(&clippy_tables::check(&[root, binary])), []);
}

#[test]
fn faults_may_not_be_turned_on_in_a_release_build() {
    let turned_on = |name: &str| {
        json!({ "packages": [
            { "name": "andon", "dependencies": [{ "name": "andon-runner" }] },
            { "name": "andon-runner", "dependencies": [
                { "name": "andon-faults", "features": if name == "release" { vec!["on"] } else { vec![] } },
            ] },
            { "name": "andon-testkit", "dependencies": [
                { "name": "andon-faults", "features": ["on"] },
            ] },
        ] })
    };
    assert_eq!(said(&walls::check(&turned_on("tests"))), []);
    let expected = [(0, "`andon-faults` is turned on in a release build")];
    assert_eq!(said(&walls::check(&turned_on("release"))), expected);
}
