//! Serialised shapes that are promises: JSON output, error codes, exit codes.
//!
//! Field names, their order and their types do not change without a new major version: new fields
//! come at the end. Nothing here decides anything: values come from `andon-core` and are turned
//! into text. Times are whole seconds of Unix time; ids are texts for tasks and numbers otherwise.
//! The answer of a verb that only the binary has is not here: it stands beside its verb.

pub mod change;
pub mod doctor;
pub mod error;
pub mod event;
pub mod exit;
pub mod run;
pub mod show;
pub mod stats;
pub mod stored;
pub mod task;

pub use change::{ChangeObject, ClaimObject, CommentedObject, PromoteObject};
pub use doctor::{FindingObject, Severity};
pub use error::{ErrorBody, ErrorObject};
pub use event::{EventObject, StreamedEvent};
pub use exit::ExitStatus;
pub use run::{RunOfTask, RunRow};
pub use show::{AttachmentObject, CommentObject, ShowDocument};
pub use stats::StatsObject;
pub use task::TaskObject;
