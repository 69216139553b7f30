//! A real database through the interface, and the same file seen through the system's own.

use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Opens a database in WAL mode with full sync through the collecting interface.
fn open(path: &Path) -> Connection {
    let vfs = andon_vfs::collecting().expect("SQLite takes the interface");
    let db = Connection::open_with_flags_and_vfs(path, OpenFlags::default(), vfs)
        .expect("the directory is there");
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                    PRAGMA wal_autocheckpoint = 0; \
                    CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, x BLOB)";
    db.execute_batch(settings).expect("a new database takes settings");
    db
}

fn fill(db: &Connection, rows: u32) {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
               INSERT INTO t (x) SELECT zeroblob(3000) FROM n";
    db.execute(sql, [rows]).expect("there is space");
}

fn count(db: &Connection) -> u32 {
    db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("the table is there")
}

fn is_sound(db: &Connection) -> bool {
    let answer: rusqlite::Result<String> =
        db.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    answer.is_ok_and(|answer| answer == "ok")
}

#[test]
fn a_commit_of_many_pages_is_seen_by_others_as_soon_as_it_is_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("db");
    let ours = open(&path);
    let others = Connection::open(&path).unwrap();
    // From one page to many times what one write can hold.
    for (round, rows) in [1, 20, 40, 200, 1_000].into_iter().enumerate() {
        let before = count(&others);
        fill(&ours, rows);
        assert_eq!(count(&others), before + rows, "round {round}");
    }
    assert!(is_sound(&others));
}

#[test]
fn a_transaction_reads_back_pages_that_left_the_cache() {
    let home = tempfile::tempdir().unwrap();
    let db = open(&home.path().join("db"));
    // Eight pages of cache: the transaction writes to the log long before its commit.
    db.pragma_update(None, "cache_size", 8).unwrap();
    db.execute_batch("BEGIN").unwrap();
    fill(&db, 500);
    db.execute("UPDATE t SET x = zeroblob(2500) WHERE id % 7 = 0", []).unwrap();
    assert_eq!(count(&db), 500);
    db.execute_batch("COMMIT").unwrap();
    assert!(is_sound(&db));
}

#[test]
fn what_was_rolled_back_is_not_there() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("db");
    let db = open(&path);
    fill(&db, 10);
    db.pragma_update(None, "cache_size", 8).unwrap();
    db.execute_batch("BEGIN").unwrap();
    fill(&db, 500);
    db.execute_batch("ROLLBACK").unwrap();
    fill(&db, 1);
    assert_eq!(count(&Connection::open(&path).unwrap()), 11);
    assert!(is_sound(&db));
}

/// A rollback need not touch the log, whose next call may come after somebody else's commit.
#[test]
fn what_was_rolled_back_does_not_overwrite_what_others_commit_then() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("db");
    let ours = open(&path);
    fill(&ours, 10);
    ours.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
    let others = Connection::open(&path).unwrap();
    others.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0").unwrap();
    assert_eq!(count(&others), 10);
    ours.pragma_update(None, "cache_size", 8).unwrap();
    for rows in [20, 30, 40, 50, 60] {
        ours.execute_batch("BEGIN").unwrap();
        fill(&ours, rows);
        ours.execute_batch("ROLLBACK").unwrap();
        let before = count(&others);
        fill(&others, 100);
        assert_eq!(count(&Connection::open(&path).unwrap()), before + 100, "{rows} rows");
        // The connection's next call of its log, and its last one.
        assert_eq!(count(&ours), before + 100, "{rows} rows");
        drop(open(&path));
    }
    drop(ours);
    let fresh = Connection::open(&path).unwrap();
    assert_eq!(count(&fresh), 510);
    assert!(is_sound(&fresh));
}

#[test]
fn a_log_that_starts_anew_after_a_checkpoint_is_sound() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("db");
    let db = open(&path);
    for _ in 0..5 {
        fill(&db, 100);
        db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
    }
    drop(db);
    let plain = Connection::open(&path).unwrap();
    assert_eq!(count(&plain), 500);
    assert!(is_sound(&plain));
}

#[test]
fn the_interface_is_never_the_default() {
    andon_vfs::collecting().unwrap();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("db");
    let missing = Connection::open_with_flags_and_vfs(
        path.join("not a directory"),
        OpenFlags::default(),
        andon_vfs::collecting().unwrap(),
    );
    assert!(missing.is_err());
    assert!(Connection::open(&path).is_ok());
}
