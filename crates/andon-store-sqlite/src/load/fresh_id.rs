//! The id of the next task. It comes after the newest one, so that ids sort by age; it must not be
//! taken.

use super::{first_readable, id_at, one};
use crate::statement::Statements;
use andon_core::id::TaskId;
use andon_store::StoreError;

/// Ids tried before giving up. One is taken only where another program drew it, or after millions
/// of tasks.
const TRIES: u32 = 16;

/// Newest tasks among which one with an id of the usual form is looked for: another program may
/// have made a few others, and where all are so there is no order to keep up.
const NEWEST_TRIED: u32 = 16;

/// Draws it.
pub(super) fn draw(db: &Statements<'_>, random: &dyn Fn() -> u32) -> Result<TaskId, StoreError> {
    let last = "SELECT id FROM tasks ORDER BY rowid DESC LIMIT ?1";
    let mut newest = first_readable(db, last, [NEWEST_TRIED], 1, |row| id_at(row, 0))?.pop();
    for _ in 0..TRIES {
        let id = TaskId::after(newest.as_ref(), random());
        let taken = one(db, "SELECT 1 FROM tasks WHERE id = ?1", [id.as_str()], |_| Ok(()))?;
        if taken.is_none() {
            return Ok(id);
        }
        newest = Some(id);
    }
    Err(StoreError::Internal(format!("{TRIES} task ids in a row were all taken")))
}
