//! Splits Rust source into code and comments, so that no check trips over a string literal.
//!
//! It knows just enough of the language for that: strings, raw strings, characters, lifetimes
//! and nested comments. It does not parse.

use crate::tree::SourceFile;

/// One line: what the compiler reads, and what only people read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The code, with string and character literals emptied.
    pub(super) code: String,
    /// The text of the comments, markers included.
    pub(super) comment: String,
}

/// A Rust file, split.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) lines: Vec<Line>,
}

impl<'a> Source<'a> {
    pub(super) fn of(file: &'a SourceFile) -> Self {
        Self { path: &file.path, text: &file.text, lines: split(&file.text) }
    }

    /// Whether the whole file is compiled for tests only.
    pub(super) fn is_test(&self) -> bool {
        is_test_path(self.path)
    }

    /// The lines with their numbers, counted from one.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// Whether a path belongs to tests: a `tests` directory, a `tests.rs`, or the test kit.
pub(super) fn is_test_path(path: &str) -> bool {
    path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.starts_with("crates/andon-testkit/")
}

#[derive(Clone, Copy)]
enum State {
    Code,
    LineComment,
    /// Block comments nest; the depth is at least one.
    BlockComment(usize),
    Text,
    /// A raw string ends at a quote with this many `#`.
    RawText(usize),
}

/// Splits a file into lines of code and comment.
pub(super) fn split(text: &str) -> Vec<Line> {
    let chars: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut state = State::Code;
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '\n' {
            lines.push(std::mem::take(&mut line));
            if matches!(state, State::LineComment) {
                state = State::Code;
            }
            at += 1;
            continue;
        }
        let taken;
        (state, taken) = match state {
            State::Code => read_code(&chars, at, &mut line),
            State::LineComment => {
                line.comment.push(chars[at]);
                (state, 1)
            }
            State::BlockComment(depth) => read_block_comment(&chars, at, depth, &mut line),
            State::Text => read_text(&chars, at, &mut line),
            State::RawText(hashes) => read_raw_text(&chars, at, hashes, &mut line),
        };
        at += taken;
    }
    if line != Line::default() {
        lines.push(line);
    }
    lines
}

/// Reads one token's beginning in code; answers the next state and the characters taken.
fn read_code(chars: &[char], at: usize, line: &mut Line) -> (State, usize) {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => {
            line.comment.push_str("//");
            (State::LineComment, 2)
        }
        '/' if next == Some('*') => {
            line.comment.push_str("/*");
            (State::BlockComment(1), 2)
        }
        '"' => {
            line.code.push('"');
            (State::Text, 1)
        }
        '\'' => {
            line.code.push('\'');
            (State::Code, 1 + character_rest(chars, at))
        }
        'r' if !ends_in_word_before_raw(&line.code) => match raw_hashes(chars, at + 1) {
            Some(hashes) => {
                line.code.push_str("r\"");
                (State::RawText(hashes), hashes + 2)
            }
            None => {
                line.code.push('r');
                (State::Code, 1)
            }
        },
        other => {
            line.code.push(other);
            (State::Code, 1)
        }
    }
}

/// How many characters after an opening `'` belong to a character literal: none for a lifetime.
fn character_rest(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), Some(_)) => {
            // The escaped character itself may be a quote, so the search begins behind it.
            let end = chars[at + 3..].iter().position(|&c| c == '\'' || c == '\n');
            end.map_or(0, |end| end + 3)
        }
        (Some(_), Some('\'')) => 2,
        _ => 0,
    }
}

/// Whether an `r` that follows this code continues a word, so that it cannot open a raw string.
fn ends_in_word_before_raw(code: &str) -> bool {
    let prefix = code.trim_end_matches(['b', 'c']);
    let last = if code.len() - prefix.len() <= 1 { prefix } else { code }.chars().last();
    last.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn raw_hashes(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from..].iter().take_while(|&&c| c == '#').count();
    (chars.get(from + hashes) == Some(&'"')).then_some(hashes)
}

fn read_block_comment(chars: &[char], at: usize, depth: usize, line: &mut Line) -> (State, usize) {
    let pair = (chars[at], chars.get(at + 1).copied());
    let (state, marker) = match pair {
        ('*', Some('/')) if depth == 1 => (State::Code, "*/"),
        ('*', Some('/')) => (State::BlockComment(depth - 1), "*/"),
        ('/', Some('*')) => (State::BlockComment(depth + 1), "/*"),
        (other, _) => {
            line.comment.push(other);
            return (State::BlockComment(depth), 1);
        }
    };
    line.comment.push_str(marker);
    (state, 2)
}

fn read_text(chars: &[char], at: usize, line: &mut Line) -> (State, usize) {
    match chars[at] {
        // An escaped line end stays in place: the loop above counts lines.
        '\\' if chars.get(at + 1) == Some(&'\n') => (State::Text, 1),
        '\\' => (State::Text, 2),
        '"' => {
            line.code.push('"');
            (State::Code, 1)
        }
        _ => (State::Text, 1),
    }
}

fn read_raw_text(chars: &[char], at: usize, hashes: usize, line: &mut Line) -> (State, usize) {
    let closes = chars[at] == '"'
        && chars[at + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes;
    if closes {
        line.code.push('"');
        (State::Code, hashes + 1)
    } else {
        (State::RawText(hashes), 1)
    }
}
