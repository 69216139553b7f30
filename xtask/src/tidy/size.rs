//! How large files and lines may be. Functions are clippy's: `too_many_lines` in `clippy.toml`.

use super::Finding;
use super::rust_text::Source;
use crate::tree::SourceFile;

/// What can be read at one sitting. Above this a file needs a reason in [`LONG_FILES`].
const LINES_MAX: usize = 300;
/// No reason is good enough above this.
const LINES_MAX_ARGUED: usize = 500;
/// The width that rustfmt keeps for code; it does not touch comments.
const COLUMNS_MAX: usize = 100;

/// Files that may have more than [`LINES_MAX`] lines, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// The length of a file and the width of its comments.
pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        length(source.path, source.text.lines().count(), LONG_FILES).into_iter().collect();
    for (number, (text, line)) in (1..).zip(source.text.lines().zip(&source.lines)) {
        let is_comment = line.code.trim().is_empty() && !line.comment.is_empty();
        // An address cannot be folded.
        if is_comment && text.chars().count() > COLUMNS_MAX && !text.contains("://") {
            findings.push(Finding::at(
                source.path,
                number,
                format!("comment is wider than {COLUMNS_MAX} columns"),
                "fold it",
            ));
        }
    }
    findings
}

/// The finding about a file of that many lines, if it is too long.
pub(super) fn length(path: &str, lines: usize, argued: &[(&str, &str)]) -> Option<Finding> {
    let is_argued = argued.iter().any(|(long, _)| *long == path);
    let limit = if is_argued { LINES_MAX_ARGUED } else { LINES_MAX };
    if lines > limit {
        return Some(Finding::file(
            path,
            format!("has {lines} lines, refused above {limit}"),
            "split it by reason to change; a table may be listed in xtask/src/tidy/size.rs",
        ));
    }
    None
}

/// Reasons that are no longer needed.
pub(super) fn check_exceptions(files: &[SourceFile]) -> Vec<Finding> {
    let is_long = |path: &str| {
        files.iter().any(|file| file.path == path && file.text.lines().count() > LINES_MAX)
    };
    LONG_FILES
        .iter()
        .filter(|(path, _)| !is_long(path))
        .map(|(path, _)| {
            Finding::file(path, "needs no exception for its length", "delete it from LONG_FILES")
        })
        .collect()
}
