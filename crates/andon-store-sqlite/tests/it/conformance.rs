//! The suite on SQLite.

use super::Boards;
use andon_testkit::conformance::exercise;

#[test]
fn sqlite_does_what_every_store_must_do() {
    let boards = Boards::new();
    exercise(&|environment| boards.create(environment));
}
