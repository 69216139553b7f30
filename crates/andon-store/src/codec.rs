//! Text forms of the board file: event payloads, skills. The separators and the order of keys are
//! those of the peer (dispatch reference §0.1), so that rows look the same whoever wrote them.

mod payload;

pub use payload::payload;

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Value, json};
use std::io;

/// Writes `", "` and `": "`, as the peer does.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b": ")
    }
}

/// A JSON value in the spacing of the board file.
pub fn spaced(value: &Value) -> String {
    let mut bytes = Vec::with_capacity(TEXT_BYTES);
    append(&mut bytes, value);
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// Room for the text of nearly every payload.
const TEXT_BYTES: usize = 128;

fn append<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) {
    let mut serializer = serde_json::Serializer::with_formatter(bytes, Spaced);
    value.serialize(&mut serializer).expect("a value without odd keys always serialises");
}

/// The skills column: a JSON list with everything beyond ASCII escaped.
pub fn skills_text(skills: &[String]) -> String {
    let raw = spaced(&json!(skills));
    let mut text = String::with_capacity(raw.len());
    for c in raw.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

/// Reads the skills column: a list of texts with empty ones dropped; anything else is no list
/// (board reference §4, row decoding).
pub fn skills_from(text: &str) -> Option<Vec<String>> {
    let Ok(Value::Array(items)) = serde_json::from_str(text) else { return None };
    let texts = items.into_iter().filter_map(|item| match item {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    });
    Some(texts.collect())
}

#[cfg(test)]
mod tests;
