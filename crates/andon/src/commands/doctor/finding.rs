//! What a check says.

use andon_core::command::expire::Expire;
use andon_wire::Severity;
use std::path::PathBuf;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// How much it matters.
    pub(super) severity: Severity,
    /// A sentence.
    pub(super) text: String,
    /// What to do.
    pub(super) remedy: Option<String>,
    /// What `--fix` does about it.
    pub(super) fix: Option<Fix>,
    /// Whether it was mended just now.
    pub(super) is_fixed: bool,
    /// Whether the check could be made at all.
    pub(super) was_made: Made,
}

/// Whether a check could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// It was.
    Yes,
    /// What it looks at is not there, or another finding stands in its way.
    No,
}

/// Something that can be mended without loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fix {
    /// Takes rights of other users away.
    Mode {
        /// The file or directory.
        path: PathBuf,
        /// The mode that it gets.
        mode: u32,
    },
    /// Removes rows of ours that belong to nothing.
    Orphans,
    /// Takes a claim back whose lease ran out and whose holder is gone.
    Claim(Expire),
    /// Writes the indexes anew from their tables.
    Indexes,
}

impl Finding {
    fn new(severity: Severity, text: impl Into<String>) -> Self {
        let (remedy, fix) = (None, None);
        Self { severity, text: text.into(), remedy, fix, is_fixed: false, was_made: Made::Yes }
    }

    /// As it should be.
    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self::new(Severity::Ok, text)
    }

    /// Good to know.
    pub(super) fn note(text: impl Into<String>) -> Self {
        Self::new(Severity::Note, text)
    }

    /// Something that may go wrong, and what to do.
    pub(super) fn warning(text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Severity::Warning, text).remedy(remedy)
    }

    /// Something that is wrong, and what to do.
    pub(super) fn problem(text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Severity::Problem, text).remedy(remedy)
    }

    /// A check that could not be made, and why.
    pub(super) fn not_made(why: impl std::fmt::Display) -> Self {
        Self { was_made: Made::No, ..Self::note(format!("not checked: {why}")) }
    }

    /// Adds what to do.
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds what `--fix` does.
    pub(super) fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}
