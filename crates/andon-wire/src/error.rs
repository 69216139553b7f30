//! How a failure is told to programs.

use serde::Serialize;

/// What a failed call with `--json` writes to stderr, while stdout stays empty (S24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorObject {
    /// The failure.
    pub error: ErrorBody,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// Stable name: programs decide by it.
    pub code: String,
    /// For people.
    pub message: String,
    /// What they may do.
    pub hint: Option<String>,
}
