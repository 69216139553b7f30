//! JSON looks as the peer writes it.

use super::*;

#[test]
fn skills_are_escaped_beyond_ascii_and_read_back() {
    let skills = vec!["a b".to_owned(), "ä😀".to_owned()];
    let text = skills_text(&skills);
    assert_eq!(text, "[\"a b\", \"\\u00e4\\ud83d\\ude00\"]");
    assert_eq!(skills_from(&text), Some(skills));
    assert_eq!(skills_from("{}"), None);
    assert_eq!(skills_from("[]"), Some(vec![]));
    assert_eq!(skills_from("[\"\", 1, null, true, \"a\"]"), Some(vec!["1".into(), "a".into()]));
}

#[test]
fn a_value_has_the_peers_spacing_in_lists_and_objects() {
    let value = json!({"a": [1, "x"], "b": {"c": null, "d": {}}, "e": []});
    assert_eq!(spaced(&value), "{\"a\": [1, \"x\"], \"b\": {\"c\": null, \"d\": {}}, \"e\": []}");
}
