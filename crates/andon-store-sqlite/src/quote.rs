//! Values of a board as messages quote them. Other programs write rows, too, and of any size: a
//! message must stay one that a person can read and a record can hold.

use rusqlite::types::ValueRef;

/// Longest part of a value that is quoted: an id with room to spare, and a word that nobody knows.
pub(crate) const QUOTED_CHARS_MAX: usize = 80;

/// A text in quotation marks, cut where it is longer.
pub(crate) fn text(text: &str) -> String {
    let mut chars = text.chars();
    let kept: String = chars.by_ref().take(QUOTED_CHARS_MAX).collect();
    if chars.next().is_none() { format!("{kept:?}") } else { format!("{kept:?}…") }
}

/// A value of any type.
pub(crate) fn value(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Blob(bytes) => format!("(a blob of {} bytes)", bytes.len()),
        ValueRef::Text(bytes) => {
            // A character has four bytes at most: what is behind them is not looked at.
            let head = &bytes[..bytes.len().min(4 * (QUOTED_CHARS_MAX + 1))];
            text(&String::from_utf8_lossy(head))
        }
    }
}

#[cfg(test)]
mod tests;
