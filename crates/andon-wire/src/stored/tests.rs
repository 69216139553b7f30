//! Texts as JSON and as Python write them.

use super::*;

fn read(text: &str) -> String {
    value(&JsonText(text.to_owned())).to_string()
}

#[test]
fn numbers_that_only_python_writes_hide_nothing_beside_them() {
    let text = r#"{"m":"NaN, \"Infinity\" \\","loss":NaN,"a":[Infinity, -Infinity, -1],"n":1}"#;
    let read_as =
        r#"{"m":"NaN, \"Infinity\" \\","loss":"NaN","a":["Infinity","-Infinity",-1],"n":1}"#;
    assert_eq!(read(text), read_as);
    assert_eq!(read("NaN"), "\"NaN\"");
}

#[test]
fn what_is_no_json_is_null_and_what_is_stays() {
    for text in ["", "{", "NaN NaN", "\"NaN", "\"\\", "nan"] {
        assert_eq!(read(text), "null", "{text}");
    }
    assert_eq!(read(r#"{"k":"NaN","n":1.50}"#), r#"{"k":"NaN","n":1.50}"#);
}
