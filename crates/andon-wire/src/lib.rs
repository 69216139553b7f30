//! Serialised shapes that are promises: JSON output, error codes, exit codes.
//!
//! Field names, their order and their types do not change without a new major version. Nothing
//! here decides anything: values come from `andon-core` and are turned into text.

pub mod error;
pub mod exit;

pub use error::{ErrorBody, ErrorObject};
pub use exit::ExitStatus;
