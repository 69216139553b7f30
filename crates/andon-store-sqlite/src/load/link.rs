//! Whether a link is there, and whether it would close a circle.

use super::{DOING, one};
use crate::fault;
use crate::statement::Statements;
use andon_core::id::TaskId;
use andon_core::view::LinkState;
use andon_store::StoreError;
use rusqlite::Rows;
use rusqlite::types::ValueRef;

/// A task and all that wait for it, nearest first, each once.
const BELOW: &str = "WITH RECURSIVE below(id) AS ( \
        SELECT ?1 UNION \
        SELECT l.child_id FROM below JOIN task_links l ON l.parent_id = below.id) \
    SELECT id FROM below";

/// A task and all that it waits for, nearest first, each once.
const ABOVE: &str = "WITH RECURSIVE above(id) AS ( \
        SELECT ?1 UNION \
        SELECT l.parent_id FROM above JOIN task_links l ON l.child_id = above.id) \
    SELECT id FROM above";

/// What stands between two tasks.
pub(super) fn state(
    db: &Statements<'_>,
    parent: &TaskId,
    child: &TaskId,
) -> Result<LinkState, StoreError> {
    let exists = "SELECT 1 FROM task_links WHERE parent_id = ?1 AND child_id = ?2";
    if one(db, exists, (parent.as_str(), child.as_str()), |_| Ok(()))?.is_some() {
        return Ok(LinkState::Present);
    }
    Ok(match leads_to(db, child, parent)? {
        true => LinkState::WouldCycle,
        false => LinkState::Absent,
    })
}

/// Whether a way leads from one task down to another: two recursive queries, not one query for each
/// task on the way (B39). SQLite finds their rows as they are asked for, so both walk in turn, down
/// from the one and up from the other, and the first that has seen everything ends the search.
/// Nearly always one of the two tasks is new or stands at an edge: the writers' lock is held for a
/// few steps, however much hangs on the other.
fn leads_to(db: &Statements<'_>, from: &TaskId, to: &TaskId) -> Result<bool, StoreError> {
    let failed = |error| fault::of(DOING, error);
    let (mut below, mut above) = (db.prepare(BELOW, DOING)?, db.prepare(ABOVE, DOING)?);
    let mut down = below.query([from.as_str()]).map_err(failed)?;
    let mut up = above.query([to.as_str()]).map_err(failed)?;
    // Ends because a walk meets no task twice.
    loop {
        for (walk, wanted) in [(&mut down, to), (&mut up, from)] {
            match step(walk, wanted).map_err(failed)? {
                Step::Elsewhere => {}
                Step::Met => return Ok(true),
                Step::Over => return Ok(false),
            }
        }
    }
}

/// Where one step of a walk has come to.
enum Step {
    Met,
    Elsewhere,
    Over,
}

fn step(walk: &mut Rows<'_>, wanted: &TaskId) -> rusqlite::Result<Step> {
    Ok(match walk.next()?.map(|row| row.get_ref(0)).transpose()? {
        Some(ValueRef::Text(id)) if id == wanted.as_str().as_bytes() => Step::Met,
        Some(_) => Step::Elsewhere,
        None => Step::Over,
    })
}

#[cfg(test)]
mod tests;
