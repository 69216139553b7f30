//! What it means that a text contains another one whatever their case. Both stores search so.

/// A text with the case of its letters taken away. It goes by way of the upper case, so that
/// letters with two small forms or a large form of two letters are one with their other forms; and
/// letter by letter, so that a part of a text is folded like the whole.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
