//! What can go wrong in a task. The texts are fragments that fit after `error: `.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// The failure of a verb.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// The command line was not understood; the text says what is.
    #[error("{0}")]
    Usage(String),
    /// A file could not be read or written.
    #[error("{action} {}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    /// A program could not be started.
    #[error("start `{command}`")]
    Start { command: String, source: io::Error },
    /// A program ran and failed.
    #[error("`{command}` ended with {status}")]
    Failed { command: String, status: ExitStatus },
    /// A file or an answer of a program does not have the expected form.
    #[error("understand {what}: {why}")]
    Malformed { what: String, why: String },
    /// `tidy` found something; each finding was printed.
    #[error("{0} findings; each line above says what to do instead")]
    Untidy(usize),
    /// `mutants` broke code and the tests did not notice; each mutant was printed.
    #[error("{0} mutants survive; each needs a test, or a reason in .cargo/mutants.toml")]
    Survived(usize),
    /// `gen --check` found files that differ from what the code generates.
    #[error("stale generated files: {}; run `cargo xtask gen` and commit them", .0.join(", "))]
    Stale(Vec<String>),
    /// A step of `ci` failed.
    #[error("step `{step}` failed")]
    Step { step: &'static str, source: Box<TaskError> },
}

impl TaskError {
    /// Names the file next to an input or output error.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
