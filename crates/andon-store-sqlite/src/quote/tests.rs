//! What messages make of odd values.

use super::*;

#[test]
fn values_are_quoted_by_their_type() {
    let quoted = [
        (ValueRef::Null, "NULL"),
        (ValueRef::Integer(-7), "-7"),
        (ValueRef::Real(0.5), "0.5"),
        (ValueRef::Blob(&[0; 9]), "(a blob of 9 bytes)"),
        (ValueRef::Text(b"t_00000001"), "\"t_00000001\""),
        (ValueRef::Text(b"a\n\xff"), "\"a\\n\u{fffd}\""),
    ];
    for (given, expected) in quoted {
        assert_eq!(value(given), expected);
    }
}

#[test]
fn a_long_text_is_cut_between_characters_and_says_so() {
    for letter in ["x", "ß", "\u{1f300}"] {
        let exact = letter.repeat(QUOTED_CHARS_MAX);
        assert_eq!(value(ValueRef::Text(exact.as_bytes())), format!("{exact:?}"));
        let long = letter.repeat(1 << 20);
        assert_eq!(value(ValueRef::Text(long.as_bytes())), format!("{exact:?}…"));
        assert_eq!(text(&long), format!("{exact:?}…"));
    }
}
