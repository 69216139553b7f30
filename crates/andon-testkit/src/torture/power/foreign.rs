//! Boards of another schema, as other programs leave them.

use super::teller::BOARD;
use crate::torture::Failure;
use crate::torture::bench::Bench;
use crate::torture::chance::Chance;

/// The peer's tables and indexes of today: the same text from which new boards are made.
const PEER: [&str; 2] = [
    include_str!("../../../../andon-store-sqlite/src/schema/peer.sql"),
    include_str!("../../../../andon-store-sqlite/src/schema/peer_indexes.sql"),
];

/// What the peer's first releases had.
const LEGACY: &str = "
    CREATE TABLE tasks (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT, assignee TEXT, status TEXT NOT NULL,
        priority INTEGER DEFAULT 0, created_by TEXT, created_at INTEGER NOT NULL,
        started_at INTEGER, completed_at INTEGER, workspace_kind TEXT NOT NULL DEFAULT 'scratch',
        workspace_path TEXT, claim_lock TEXT, claim_expires INTEGER,
        spawn_failures INTEGER, last_spawn_error TEXT);
    CREATE TABLE task_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, kind TEXT NOT NULL,
        payload TEXT, created_at INTEGER NOT NULL);
    INSERT INTO task_events (task_id, kind, created_at) VALUES
        ('t_00000001', 'ready', 6), ('t_00000001', 'priority', 7),
        ('t_00000003', 'created', 9);";

/// Tasks that wait, enough of them for some pages.
const ROWS: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
    INSERT INTO tasks (id, title, body, status, created_at, completed_at)
    SELECT printf('t_%08x', i), 'task ' || i, printf('%.*c', 40 * i, 'b'),
           CASE i % 3 WHEN 0 THEN 'triage' WHEN 1 THEN 'ready' ELSE 'done' END, i,
           CASE i % 3 WHEN 2 THEN i END FROM n";

/// One in so many stories begins with such a board.
const STORIES_PER_BOARD: usize = 4;

/// Makes one at times; tells whether it did.
pub(in crate::torture) fn board(bench: &Bench, chance: &mut Chance) -> Result<bool, Failure> {
    if !chance.once_in(STORIES_PER_BOARD) {
        return Ok(false);
    }
    let is_legacy = chance.once_in(3);
    let has_log = !chance.once_in(3);
    let is_open_still = chance.once_in(2);
    std::fs::File::create(bench.path(BOARD))?;
    let db = bench.plain(BOARD)?;
    if has_log {
        db.execute_batch("PRAGMA journal_mode = WAL")?;
    }
    if is_legacy {
        db.execute_batch(LEGACY)?;
    } else {
        PEER.iter().try_for_each(|tables| db.execute_batch(tables))?;
    }
    db.execute_batch(ROWS)?;
    if !is_open_still {
        // The last one to leave takes the log along.
        drop(rusqlite::Connection::open(bench.path(BOARD))?.execute_batch("SELECT * FROM tasks"));
    }
    db.close().map_err(|(_, error)| error)?;
    Ok(true)
}
