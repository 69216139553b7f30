//! What can be wrong with settings; every error names its layer.

use crate::env::NotUnicode;
use crate::toml_text::{FileError, ReadError};

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Something in a file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// The value of a variable.
    #[error("environment variable {name}: {problem}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A variable that is not text.
    #[error(transparent)]
    NotUnicode(#[from] NotUnicode),
    /// The value of an argument.
    #[error("{flag}: {problem}")]
    Argument {
        /// The argument.
        flag: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl ConfigError {
    /// What the person can do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint.clone(),
            Self::Variable { name, .. } => Some(format!("correct or unset {name}")),
            Self::NotUnicode(error) => Some(format!("correct or unset {}", error.name)),
            Self::Unreadable(_) | Self::Argument { .. } => None,
        }
    }
}
