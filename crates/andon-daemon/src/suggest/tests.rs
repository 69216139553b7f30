//! Suggestions: corrections, not guesses.

use super::nearest;

#[test]
fn a_slip_of_the_finger_is_corrected_and_a_foreign_word_is_not() {
    let known = ["failure_limit", "total_limit", "writer_lock"];
    assert_eq!(nearest("failure_limt", known), Some("failure_limit"));
    assert_eq!(nearest("faliure_limit", known), Some("failure_limit"));
    assert_eq!(nearest("colour", known), None);
    assert_eq!(nearest(&"x".repeat(10_000), known), None);
}
