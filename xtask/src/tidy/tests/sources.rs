//! Claims about the checks that read source files.

use super::super::rust_text::{Line, Source, split};
use super::super::{leftovers, modules, paths, purity, size};
use super::{file, said};

fn code(text: &str) -> Vec<String> {
    split(text).into_iter().map(|line| line.code).collect()
}

#[test]
fn strings_and_comments_are_no_code() {
    let line = Line { code: "let a = \"\"; ".to_owned(), comment: "// b".to_owned() };
    assert_eq!(split("let a = \"todo! // \\\" x\"; // b"), [line]);
    assert_eq!(code("a /* x /* y */ z */ b"), ["a  b"]);
    assert_eq!(code("r#\"one \" two\nthree\"# end"), ["r\"", "\" end"]);
    assert_eq!(code("br\"x\\\" + for\"y\""), ["br\"\" + for\"\""]);
}

#[test]
fn lifetimes_and_characters_are_told_apart() {
    assert_eq!(
        code("fn f<'a>(x: &'a str) { '\"'; '\\''; '\\u{1F600}' }"),
        ["fn f<'a>(x: &'a str) { '; '; ' }"]
    );
}

#[test]
fn a_string_that_continues_on_the_next_line_keeps_the_count() {
    assert_eq!(code("let a = \"one \\\n  two\";\nb"), ["let a = \"", "\";", "b"]);
}

fn leftovers_in(path: &str, text: &str) -> Vec<(usize, String)> {
    let file = file(path, text);
    let findings = leftovers::check(&Source::of(&file));
    findings.into_iter().map(|finding| (finding.line, finding.what)).collect()
}

#[test]
fn leftovers_are_found_in_code_and_comments_only() {
    let text =
        "//! Doc.\nlet a = \"todo! FIXME\";\ntodo!();\n// FIXME: later\n#[allow(dead_code)]\n";
    let expected = [
        (3, "`todo!` is left over".to_owned()),
        (4, "`FIXME` is left over".to_owned()),
        (5, "`#[allow(` is left over".to_owned()),
    ];
    assert_eq!(leftovers_in("crates/a/src/b.rs", text), expected);
}

#[test]
fn every_file_says_what_it_is_for() {
    let expected = [(1, "has no module doc".to_owned())];
    assert_eq!(leftovers_in("crates/a/src/b.rs", "use std::fmt;\n"), expected);
    assert_eq!(leftovers_in("crates/a/src/b.rs", "\n//! Doc.\nuse std::fmt;\n"), []);
}

#[test]
fn names_that_say_nothing_are_found() {
    let expected = [(0, "`utils` names no thing".to_owned())];
    assert_eq!(leftovers_in("crates/a/src/utils.rs", "//! Doc.\n"), expected);
    assert_eq!(leftovers_in("crates/a/src/utils/b.rs", "//! Doc.\n"), expected);
    assert_eq!(leftovers_in("crates/a/src/service_level.rs", "//! Doc.\n"), []);
}

#[test]
fn tests_do_not_sleep_and_other_code_may() {
    let text = "//! Doc.\nstd::thread::sleep(x);\n";
    let expected = [(2, "a test sleeps".to_owned())];
    assert_eq!(leftovers_in("crates/a/tests/it/b.rs", text), expected);
    assert_eq!(leftovers_in("crates/a/src/b/tests.rs", text), expected);
    assert_eq!(leftovers_in("crates/a/src/b.rs", text), []);
    assert_eq!(leftovers_in("crates/andon-testkit/src/wait.rs", text), []);
}

#[test]
fn names_of_tests_are_claims() {
    let text = "//! Doc.\n#[test]\n#[ignore]\nfn test_block() {}\nfn test_data() {}\n";
    let expected = [(4, "a test's name begins with `test_`".to_owned())];
    assert_eq!(leftovers_in("crates/a/src/tests.rs", text), expected);
}

#[test]
fn tests_live_in_files_of_their_own() {
    let text = "//! Doc.\n#[cfg(test)]\nmod tests {\n}\n";
    let expected = [(3, "tests are inside the file".to_owned())];
    assert_eq!(leftovers_in("crates/a/src/b.rs", text), expected);
}

#[test]
fn a_forgotten_file_is_found() {
    let files = [
        file("crates/a/tests/it/main.rs", "//! mod forgotten;\nmod known;\n"),
        file("crates/a/tests/it/known.rs", "mod deep;\n"),
        file("crates/a/tests/it/known/deep.rs", ""),
        file("crates/a/tests/it/forgotten.rs", ""),
        file("crates/a/src/lib.rs", "pub mod b;\n#[cfg(test)] mod tests;\n"),
        file("crates/a/src/b/mod.rs", ""),
        file("crates/a/src/tests.rs", ""),
        file("crates/a/src/bin/tool.rs", ""),
    ];
    let findings = modules::check(&files);
    assert_eq!(said(&findings), [(0, "is compiled by nothing")]);
    assert_eq!(findings[0].path, "crates/a/tests/it/forgotten.rs");
}

#[test]
fn a_second_integration_binary_is_found() {
    let findings = modules::check(&[file("crates/a/tests/loose.rs", "")]);
    assert_eq!(said(&findings), [(0, "is an integration binary of its own")]);
}

#[test]
fn paths_of_a_machine_are_found_outside_of_tests() {
    for top in ["work", "root", "tmp"] {
        let text = format!("see /{top}/place\nhttps://host/{top}/place\nsrc/{top}/x\n/{top}/\n");
        let lines = |path: &str| -> Vec<usize> {
            paths::check(&file(path, &text)).iter().map(|finding| finding.line).collect()
        };
        assert_eq!(lines("docs/a.md"), [1], "{top}");
        assert_eq!(lines("crates/a/tests/it/b.rs"), [] as [usize; 0], "{top}");
    }
}

#[test]
fn long_files_need_a_reason_and_very_long_ones_have_none() {
    let argued = [("a.rs", "a table")];
    assert_eq!(size::length("a.rs", 300, &[]), None);
    assert!(size::length("a.rs", 301, &[]).is_some());
    assert_eq!(size::length("a.rs", 500, &argued), None);
    assert!(size::length("a.rs", 501, &argued).is_some());
}

#[test]
fn wide_comments_are_found_and_addresses_are_not() {
    let wide = "x".repeat(101);
    let text = format!("// {wide}\n// https://{wide}\nlet a = \"{wide}\";\n");
    let file = file("a.rs", &text);
    let expected = [(1, "comment is wider than 100 columns")];
    assert_eq!(said(&size::check(&Source::of(&file))), expected);
}

#[test]
fn core_names_nothing_of_the_world() {
    let text = "use std::time::Instant;\nuse std::environment;\n// std::fs\nstd::fs::read(p);\n";
    let pure = file("crates/andon-core/src/a.rs", text);
    let expected = [(1, "core names `Instant`"), (4, "core names `std::fs`")];
    assert_eq!(said(&purity::check(&Source::of(&pure))), expected);

    let other = file("crates/andon-runner/src/a.rs", text);
    assert_eq!(said(&purity::check(&Source::of(&other))), []);
}

#[test]
fn a_ban_is_lifted_only_where_the_list_says_so() {
    let text = "#[expect(\n    clippy::disallowed_methods,\n    reason = \"r\"\n)]\n";
    let lifts = |path: &str| {
        let file = file(path, text);
        purity::check(&Source::of(&file)).into_iter().map(|found| found.line).collect::<Vec<_>>()
    };
    assert_eq!(lifts("crates/andon-store-sqlite/src/load.rs"), [2]);
    assert_eq!(lifts("crates/andon-store-sqlite/src/guarded.rs"), [2]);
    assert_eq!(lifts("crates/andon-store-sqlite/src/guard.rs"), [0; 0]);
    assert_eq!(lifts("crates/andon-store-sqlite/src/guard/held.rs"), [0; 0]);
    assert_eq!(lifts("crates/andon-store-sqlite/tests/it/load.rs"), [0; 0]);
}
