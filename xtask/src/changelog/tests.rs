//! Claims about fragments and about folding them.

use super::{check_fragments, insert, parse, render};
use crate::tree::SourceFile;

const FRAGMENT: &str = "runner: a worker that detaches is ended too\n\n## Fixed\n\nIt was left.\n\
                        Now it is found.\n\n## Schema\n\n- none\n";

#[test]
fn a_fragment_has_an_area_a_headline_and_groups() {
    let fragment = parse(FRAGMENT).unwrap();
    assert_eq!(fragment.area, "runner");
    assert_eq!(fragment.headline, "a worker that detaches is ended too");
    let groups: Vec<&str> = fragment.sections.iter().map(|(group, _)| *group).collect();
    assert_eq!(groups, ["Fixed", "Schema"]);
}

#[test]
fn a_malformed_fragment_is_named_with_its_line() {
    assert_eq!(parse("").unwrap_err().0, 1);
    assert_eq!(parse("no area here\n## Fixed\nx\n").unwrap_err().0, 1);
    assert_eq!(parse("a: b\n\n## Mended\n\nx\n").unwrap_err().0, 3);
    assert_eq!(parse("a: b\n\nlost\n## Fixed\nx\n").unwrap_err().0, 3);
    assert!(parse("a: b\n\n## Fixed\n\n").is_err());

    let file =
        SourceFile { path: "changes/x.md".to_owned(), text: "a: b\n\n## Mended\n".to_owned() };
    assert_eq!(check_fragments(&[file])[0].line, 3);
}

#[test]
fn groups_come_in_the_order_of_the_house() {
    let later = parse("cli: new verb\n\n## Added\n\nIt is there.\n").unwrap();
    let text = render("0.2.0", &[parse(FRAGMENT).unwrap(), later]);
    let expected = "## 0.2.0\n\n### Added\n\n- **cli: new verb**\n\n  It is there.\n\n\
                    ### Fixed\n\n- **runner: a worker that detaches is ended too**\n\n  \
                    It was left.\n  Now it is found.\n\n### Schema\n\n\
                    - **runner: a worker that detaches is ended too**\n\n  - none\n";
    assert_eq!(text, expected);
}

#[test]
fn a_version_goes_between_what_is_next_and_what_was_before() {
    let changelog = "# Changelog\n\n## Unreleased\n\nSee changes.\n\n## 0.1.0\n\nFirst.\n";
    let folded = insert(changelog, "0.2.0", "## 0.2.0\n\nSecond.\n").unwrap();
    let expected = "# Changelog\n\n## Unreleased\n\nSee changes.\n\n## 0.2.0\n\nSecond.\n\n\
                    ## 0.1.0\n\nFirst.\n";
    assert_eq!(folded, expected);

    let first = insert("## Unreleased\n\nSee.\n", "0.1.0", "## 0.1.0\n\nFirst.\n").unwrap();
    assert_eq!(first, "## Unreleased\n\nSee.\n\n## 0.1.0\n\nFirst.\n");
}

#[test]
fn a_version_is_folded_once() {
    let changelog = "## Unreleased\n\n## 0.1.0\n\nFirst.\n";
    assert!(insert(changelog, "0.1.0", "## 0.1.0\n").is_err());
    assert!(insert("no sections", "0.1.0", "## 0.1.0\n").is_err());
}
