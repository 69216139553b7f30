//! Models, as far as a test has time: `cargo xtask torture model` looks further.

use andon_testkit::torture::model::{Depth, look, mistakes};

#[test]
fn every_rule_holds_in_every_state_and_every_goal_is_in_reach() {
    let report = look(Depth::Least, 2).unwrap();
    assert_eq!(report.lines().count(), 4, "{report}");
}

#[test]
fn every_mistake_shows_itself() {
    let report = mistakes().unwrap();
    let caught = report.lines().filter(|line| line.contains("no longer so")).count();
    assert_eq!(caught, 36, "{report}");
}
