//! Cutting a comment.

use super::cut;

#[test]
fn a_cut_text_says_so_within_its_limit() {
    assert_eq!(cut("short", 5), "short");
    assert_eq!(cut("a longer text than that", 14), "a long … [cut]");
    assert_eq!(cut("a longer text than that", 3), "a l");
}
