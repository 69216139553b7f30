//! Counts of a board (dispatch reference §12). What lists leave out as unreadable is not counted.

#[cfg(test)]
mod tests;

use super::column;
use crate::load::{one, readable, status_at};
use crate::statement::Statements;
use andon_core::id::Assignee;
use andon_core::task::Status;
use andon_core::time::Timestamp;
use andon_store::{AssigneeCounts, Stats, StoreError};

/// The index of statuses has all that this needs: the tasks stay unread, however large they are.
const BY_STATUS: &str = "SELECT status, count(*) FROM tasks GROUP BY status";

pub(super) fn stats(db: &Statements<'_>) -> Result<Stats, StoreError> {
    let mut by_status = by_status(db)?;
    by_status.retain(|(status, _)| *status != Status::Archived);

    let rows = "SELECT assignee, status, count(*) FROM tasks \
                WHERE assignee IS NOT NULL AND status <> 'archived' \
                GROUP BY assignee, status ORDER BY assignee, status";
    let mut by_assignee: Vec<AssigneeCounts> = Vec::new();
    for (name, status, count) in readable(db, rows, [], |row| {
        Ok((column::<String>(row, 0)?, status_at(row, 1)?, count(row, 2)?))
    })? {
        let assignee = Assignee::from_row(name);
        match by_assignee.last_mut() {
            Some(last) if last.assignee == assignee => last.counts.push((status, count)),
            Some(_) | None => {
                by_assignee.push(AssigneeCounts { assignee, counts: vec![(status, count)] });
            }
        }
    }

    for of_one in &mut by_assignee {
        of_one.counts.sort_by_key(|(status, _)| *status);
    }

    // Since it became ready, not since it was made (S35): the newest event that made it so, which
    // is the one with the latest time only while nobody sets the clock back.
    let oldest = "SELECT min(COALESCE((SELECT e.created_at FROM task_events e \
                      WHERE e.task_id = t.id AND e.kind IN ('created', 'promoted', \
                      'promoted_manual', 'unblocked', 'reclaimed', 'crashed', 'timed_out', \
                      'stale', 'rate_limited', 'protocol_violation', 'spawn_failed') \
                      ORDER BY e.id DESC LIMIT 1), \
                  t.created_at)) FROM tasks t WHERE t.status = 'ready'";
    let oldest_ready = one(db, oldest, [], |row| Ok(column::<i64>(row, 0).ok()))?.flatten();
    Ok(Stats { by_status, by_assignee, oldest_ready: oldest_ready.map(Timestamp) })
}

/// Tasks by status, archived ones included.
pub(super) fn by_status(db: &Statements<'_>) -> Result<Vec<(Status, u64)>, StoreError> {
    let mut counts = readable(db, BY_STATUS, [], |row| Ok((status_at(row, 0)?, count(row, 1)?)))?;
    counts.sort_by_key(|(status, _)| *status);
    Ok(counts)
}

fn count(row: &rusqlite::Row<'_>, index: usize) -> Result<u64, StoreError> {
    column::<i64>(row, index).map(|count| u64::try_from(count).unwrap_or(0))
}
