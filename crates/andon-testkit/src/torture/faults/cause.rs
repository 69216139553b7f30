//! Whether an error names its first cause.

use crate::disk::Injected;
use andon_sim_vfs::code::SQLITE_BUSY;
use andon_store::StoreError;
use rusqlite::ffi::SQLITE_NOMEM;

/// What counts as the first cause where several things went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The first in a try. For a command, of which nothing may be kept to oneself.
    OfTry,
    /// Any: closing a file or a connection has no answer, so what fails there is no cause yet.
    Any,
}

/// Whether the text names what was injected first.
pub(super) fn is_named(error: &StoreError, injected: &[Injected], first: First) -> bool {
    let mut tries = injected.split(|one| *one == Injected::Anew);
    match first {
        First::OfTry => tries.any(|one| one.first().is_some_and(|first| names(error, *first))),
        First::Any => injected.iter().any(|one| names(error, *one)),
    }
}

fn names(error: &StoreError, first: Injected) -> bool {
    let text = error.to_string();
    let is_honest = matches!(
        error,
        StoreError::Unavailable { .. } | StoreError::Unknown { .. } | StoreError::Busy { .. }
    );
    is_honest
        && match first {
            Injected::Code(SQLITE_BUSY) => text.contains("the board is busy"),
            Injected::Code(SQLITE_NOMEM) => text.contains("out of memory"),
            Injected::Code(code) => text.contains(&format!("(SQLite code {code})")),
            Injected::Errno(errno) => text.contains(&format!("(os error {errno})")),
            Injected::Anew => false,
        }
}
