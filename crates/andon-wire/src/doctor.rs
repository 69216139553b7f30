//! What `doctor` finds out.

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is as it should be.
    Ok,
    /// Good to know; nothing needs to be done.
    Note,
    /// Something may go wrong, or is not as safe as it could be.
    Warning,
    /// Something is wrong: work is lost, held up or refused until it is mended.
    Problem,
}

impl Severity {
    /// The word that stands in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One finding of `doctor --json`, which writes an array of them. Every check has at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingObject<'a> {
    /// The board, or null for what concerns the whole home.
    pub board: Option<&'a str>,
    /// Stable name of the check.
    pub check: &'a str,
    /// How much it matters.
    pub severity: Severity,
    /// What was found, in a sentence.
    pub finding: &'a str,
    /// What to do about it.
    pub remedy: Option<&'a str>,
    /// Whether `--fix` can mend it.
    pub fixable: bool,
    /// Whether it was mended just now; a problem that was mended does not count.
    pub fixed: bool,
}
