//! When two rows are the same for whoever judges a repair.

use crate::rows::{Key, Rows};

/// A table that no board has: where its definition is lost, its rows are kept aside.
pub(super) const UNKNOWN: &str = "notes";

/// Whether a row is kept aside.
pub(super) fn is_aside(row: &str, found: &Rows) -> bool {
    let values = row.split('\u{1f}').map(|value| value.trim_matches('\''));
    let values: Vec<&str> = values.collect();
    found.iter().any(|((table, _), kept)| {
        table == "andon_salvage" && values.iter().all(|value| kept.contains(value))
    })
}

/// Which column of a task names its run: a task whose run was lost gets a new one.
const RUN_COLUMN: usize = 24;

/// Whether a row is what it was.
pub(super) fn is_same(key: &Key, row: &str, other: &str) -> bool {
    let differs = |(nth, (one, two)): (usize, (&str, &str))| {
        one != two && !(key.0 == "tasks" && nth == RUN_COLUMN)
    };
    row == other
        || (row.split('\u{1f}').count() == other.split('\u{1f}').count()
            && !row.split('\u{1f}').zip(other.split('\u{1f}')).enumerate().any(differs))
}
