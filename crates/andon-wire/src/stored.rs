//! JSON texts of the board, which other programs may have written their own way.

use andon_core::run::JsonText;
use serde_json::Value;
use std::borrow::Cow;

/// What Python writes for numbers that JSON does not have, the longest first.
const NO_NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// Stored JSON text as a value; null where it is none (dispatch reference §17). Numbers that only
/// Python writes are read as texts, so that one of them does not hide all that stands beside it.
pub fn value(text: &JsonText) -> Value {
    let text = &text.0;
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&quoted(text)))
        .unwrap_or(Value::Null)
}

/// The text with quotes around what stands where a number could and is none.
fn quoted(text: &str) -> Cow<'_, str> {
    if !NO_NUMBERS.iter().any(|word| text.contains(word)) {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len() + 16);
    let (mut rest, mut is_inside) = (text, false);
    while let Some(next) = rest.chars().next() {
        let word = NO_NUMBERS.iter().find(|word| !is_inside && rest.starts_with(**word));
        let taken = match (next, word) {
            (_, Some(word)) => {
                whole.extend(["\"", word, "\""]);
                word.len()
            }
            // Whatever is escaped ends no text.
            ('\\', None) if is_inside => {
                let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
                whole.push_str(&rest[..1 + escaped]);
                1 + escaped
            }
            _ => {
                is_inside ^= next == '"';
                whole.push(next);
                next.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests;
