//! Counting what is in a part: bytes, lines by language, the longest files, open ends.

use super::Depth;
use super::parts::is_surveyed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Files of one part that are looked at; a demo must not take long on any directory.
const FILES_MAX: u64 = 20_000;

/// Largest file whose lines are counted: what is larger was hardly written by hand.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Bytes of one part that are read.
const READ_BYTES_MAX: u64 = 256 << 20;

/// Longest files that are named.
const LONGEST_MAX: usize = 5;

/// Words that mark what is left to do, in two pieces so that this file is not among the finds.
pub(super) const OPEN_ENDS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Endings of file names, with their languages.
const LANGUAGES: [(&str, &str); 22] = [
    ("c", "C"),
    ("cpp", "C++"),
    ("css", "CSS"),
    ("go", "Go"),
    ("h", "C"),
    ("html", "HTML"),
    ("java", "Java"),
    ("js", "JavaScript"),
    ("json", "JSON"),
    ("kt", "Kotlin"),
    ("md", "Markdown"),
    ("php", "PHP"),
    ("py", "Python"),
    ("rb", "Ruby"),
    ("rs", "Rust"),
    ("sh", "Shell"),
    ("sql", "SQL"),
    ("swift", "Swift"),
    ("toml", "TOML"),
    ("ts", "TypeScript"),
    ("yaml", "YAML"),
    ("yml", "YAML"),
];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Survey {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) lines: u64,
    /// Lines by language; files of unknown endings and without text are left out.
    pub(super) languages: BTreeMap<String, u64>,
    /// Longest files, by lines.
    pub(super) longest: Vec<(String, u64)>,
    /// Marks of what is left to do.
    pub(super) open_ends: u64,
    /// Whether a limit was reached before everything was seen.
    pub(super) is_partial: bool,
}

impl Survey {
    /// In one line.
    pub(super) fn summary(&self) -> String {
        let Self { files, lines, open_ends, .. } = self;
        let partial = if self.is_partial { ", in part" } else { "" };
        let words = OPEN_ENDS.join("/");
        format!("{files} files, {lines} lines, {open_ends} {words}{partial}")
    }

    fn note(&mut self, path: &Path, text: &[u8]) {
        let lines = count_lines(text);
        self.lines += lines;
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if let Some((_, language)) = LANGUAGES.iter().find(|(known, _)| *known == ending) {
            *self.languages.entry((*language).to_owned()).or_insert(0) += lines;
        }
        self.open_ends += OPEN_ENDS.iter().map(|word| count(text, word.as_bytes())).sum::<u64>();
        self.longest.push((path.display().to_string(), lines));
        self.longest.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        self.longest.truncate(LONGEST_MAX);
    }
}

/// Surveys a directory. What cannot be read is left out.
pub(super) fn survey(path: &Path, depth: Depth) -> Result<Survey, String> {
    let mut survey = Survey::default();
    let mut read = 0;
    let mut directories: Vec<PathBuf> = vec![path.to_owned()];
    let list = |dir: &Path| {
        std::fs::read_dir(dir).map_err(|error| format!("cannot list {}: {error}", dir.display()))
    };
    list(path)?;
    while let Some(dir) = directories.pop() {
        let Ok(entries) = list(&dir) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let name = entry.file_name();
                if depth == Depth::Tree && is_surveyed(&name.to_string_lossy()) {
                    directories.push(path);
                }
            } else if kind.is_file() {
                if survey.files >= FILES_MAX || read >= READ_BYTES_MAX {
                    survey.is_partial = true;
                    return Ok(survey);
                }
                survey.files += 1;
                let size = entry.metadata().map_or(0, |metadata| metadata.len());
                survey.bytes += size;
                if let Some(text) = text_of(&path, size) {
                    read += size;
                    survey.note(&path, &text);
                }
            }
        }
    }
    Ok(survey)
}

/// The contents of a file that is text and not too large.
fn text_of(path: &Path, size: u64) -> Option<Vec<u8>> {
    if size > FILE_BYTES_MAX {
        return None;
    }
    let mut text = Vec::new();
    File::open(path).ok()?.take(FILE_BYTES_MAX).read_to_end(&mut text).ok()?;
    (!text.contains(&0)).then_some(text)
}

fn count_lines(text: &[u8]) -> u64 {
    let ends = text.iter().filter(|byte| **byte == b'\n').count() as u64;
    // A last line without its end is a line.
    ends + u64::from(text.last().is_some_and(|byte| *byte != b'\n'))
}

fn count(text: &[u8], word: &[u8]) -> u64 {
    text.windows(word.len()).filter(|window| *window == word).count() as u64
}

#[cfg(test)]
mod tests;
