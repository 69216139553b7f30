//! Damage done to a board.

use crate::env::TestEnv;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::FileExt;

pub(super) const PAGE: u64 = 4_096;

/// Ruins the first page of a table.
pub(super) fn ruin(env: &TestEnv, table: &str) {
    let db = Connection::open(env.database()).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: u64 = db.query_row(sql, [table], |row| row.get::<_, u32>(0)).unwrap().into();
    drop(db);
    overwrite(env, &[0xA5; PAGE as usize], (page - 1) * PAGE);
}

/// Writes over a part of the file.
pub(super) fn overwrite(env: &TestEnv, bytes: &[u8], at: u64) {
    let file = fs::File::options().write(true).open(env.database()).unwrap();
    file.write_all_at(bytes, at).unwrap();
}

/// Changes a row behind the back of an index.
pub(super) fn lose_an_index_row(env: &TestEnv) {
    let change = |sql| Connection::open(env.database()).unwrap().execute_batch(sql).unwrap();
    change(
        "PRAGMA writable_schema = ON;
         CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'idx_tasks_status';
         DELETE FROM sqlite_schema WHERE name = 'idx_tasks_status';",
    );
    change("UPDATE tasks SET status = 'blocked' WHERE title = 'C'");
    change(
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema SELECT * FROM kept;
         DROP TABLE kept;",
    );
}
