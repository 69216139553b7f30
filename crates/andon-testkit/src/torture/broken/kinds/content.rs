//! Boards whose pages are in order and whose rows are not, and bits that nobody can miss.

use super::Base::Settled;
use super::{Fate, Kind};
use crate::rows;
use crate::torture::Failure;
use crate::torture::broken::damage::Victim;
use crate::torture::broken::files::Files;
use crate::torture::broken::scene::PLACE;
use rusqlite::Connection;

#[rustfmt::skip] // One kind, one line.
pub(super) const KINDS: &[Kind] = &[
    Kind { name: "index: rows missing", base: Settled, damage: |v| by_sql(v, &[HIDE, "UPDATE tasks SET status = 'blocked' WHERE rowid % 40 = 7", SHOW], Fate::Repaired) },
    Kind { name: "index: rows too many", base: Settled, damage: |v| by_sql(v, &[HIDE, "DELETE FROM task_comments WHERE rowid % 50 = 9", SHOW], Fate::Repaired) },
    Kind { name: "rows with values of the wrong kind", base: Settled, damage: |v| by_sql(v, &[WRONG], Fate::Left) },
    Kind { name: "rows without a task", base: Settled, damage: |v| by_sql(v, &[ORPHANS], Fate::Left) },
    Kind { name: "leaf of comments: a bit of a text flipped", base: Settled, damage: |v| { let page = v.some("task_comments", "leaf")?; v.flip(page, 4_060, 0); Ok(Fate::Unseen(None)) } },
];

/// Values that no version of the schema allows.
const WRONG: &str = "
    UPDATE tasks SET created_at = 'yesterday', priority = x'00ff' WHERE rowid % 40 = 5;
    UPDATE task_events SET run_id = 'none' WHERE rowid % 90 = 4;";

/// Rows that belong to nothing.
const ORPHANS: &str = "
    INSERT INTO task_comments (task_id, author, body, created_at)
        VALUES ('t_ffffffff', 'a', 'b', 1);
    INSERT INTO andon_tasks (task_id) VALUES ('t_fffffffe');";

/// Hides an index from SQLite, which then does not keep it up, and shows it again.
const HIDE: &str = "PRAGMA writable_schema = ON;
    CREATE TABLE kept AS SELECT * FROM sqlite_schema
        WHERE name IN ('idx_tasks_status', 'idx_comments_task');
    DELETE FROM sqlite_schema WHERE name IN ('idx_tasks_status', 'idx_comments_task');";
const SHOW: &str = "PRAGMA writable_schema = ON;
    INSERT INTO sqlite_schema SELECT * FROM kept; DROP TABLE kept;";

/// Lets SQLite change the database; the rows that it then has are those that count.
fn by_sql(v: &mut Victim<'_>, steps: &[&str], fate: Fate) -> Result<Fate, Failure> {
    let directory = tempfile::tempdir_in(PLACE)?;
    let path = directory.path().join("kanban.db");
    v.files.write(&path)?;
    for step in steps {
        // A connection of its own: each begins with the list of tables as it is then.
        Connection::open(&path)?.execute_batch(step)?;
    }
    let db = Connection::open(&path)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    v.now = Some(rows::rows(&db)?);
    db.close().map_err(|(_, error)| error)?;
    v.files = Files::read(&path);
    Ok(fate)
}
