//! Where a value came from: every choice made from several sources keeps its origin, so that
//! a person can be told which of them to change.

use std::fmt;
use std::path::PathBuf;

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nothing was said; this is what the program does by itself.
    BuiltIn,
    /// A file, and the section of it where it has sections.
    File {
        /// The file.
        path: PathBuf,
        /// Its section, such as `board.infra`.
        section: Option<String>,
    },
    /// An environment variable.
    Environment(String),
    /// An explicit argument, by the name a person wrote: `--home`.
    Argument(&'static str),
}

impl Origin {
    /// A whole file as the source.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into(), section: None }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("the built-in default"),
            Self::File { path, section: None } => write!(f, "{}", path.display()),
            Self::File { path, section: Some(section) } => {
                write!(f, "{} [{section}]", path.display())
            }
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Argument(flag) => f.write_str(flag),
        }
    }
}
