//! What SQLite, other programs, kills, cuts and people leave behind: every board must open.

use super::*;
use rusqlite::config::DbConfig;
use std::time::SystemTime;

/// A moment before every start of a machine.
const LONG_AGO: Duration = Duration::from_secs(86_400);

fn written_at(path: &Path, at: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

fn long_ago(path: &Path) {
    written_at(path, SystemTime::UNIX_EPOCH + LONG_AGO);
}

/// Like an older SQLite, or a program that knows nothing of us.
fn plain(home: &Home) -> Connection {
    Connection::open(home.board()).unwrap()
}

fn note(db: &Connection) {
    let sql = "INSERT INTO task_events (task_id, kind, created_at) VALUES ('t_plain', 'x', 1)";
    db.execute(sql, []).unwrap();
}

/// Opened three times, with so many events, and once more after a write.
#[track_caller]
fn opens(home: &Home, count: i64) {
    for _ in 0..3 {
        assert_eq!(events(home).unwrap(), count);
    }
    comment(home, 99);
    assert_eq!(events(home).unwrap(), count + 1);
    assert_eq!(events(home).unwrap(), count + 1);
}

#[test]
fn who_closes_last_may_take_the_log_along_truncate_it_or_leave_the_mode() {
    for last in [
        "SELECT 1 FROM tasks",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA wal_checkpoint(RESTART)",
        "PRAGMA wal_checkpoint(FULL)",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA journal_mode = TRUNCATE",
        "VACUUM",
    ] {
        for stays in [true, false] {
            let home = board(3);
            let db = plain(&home);
            db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, stays).unwrap();
            note(&db);
            db.prepare(last).unwrap().query([]).unwrap().next().unwrap();
            drop(db);
            opens(&home, 7);
        }
    }
}

#[test]
fn who_uses_a_board_alone_leaves_an_old_index() {
    for stays in [true, false] {
        let home = board(3);
        // Its index is in memory.
        written_at(&index_of(&home), SystemTime::now() - 2 * TIME_LAG);
        let db = plain(&home);
        db.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(())).unwrap();
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, stays).unwrap();
        note(&db);
        drop(db);
        assert_eq!((log(&home).exists(), index_of(&home).exists()), (stays, true));
        opens(&home, 7);
    }
}

#[test]
fn a_power_cut_may_leave_less_of_a_log_than_its_index_tells() {
    for kept in [0, 20, 50_000] {
        let home = board(3);
        let whole = std::fs::read(log(&home)).unwrap();
        let kept = kept.min(whole.len() - 100);
        std::fs::write(log(&home), &whole[..kept]).unwrap();
        refused(&home, "its log is cut");
        long_ago(&index_of(&home));
        look(&home.board()).unwrap();
        long_ago(&log(&home));
        look(&home.board()).unwrap();
        // A clock that was set back.
        written_at(&index_of(&home), SystemTime::now() + LONG_AGO);
        look(&home.board()).unwrap();
    }
}

/// Programs that sync at checkpoints alone lose commits, and any of them.
#[test]
fn a_power_cut_may_leave_a_gap_before_several_commits() {
    for keeps_index in [true, false] {
        let home = board(3);
        let frames = (log(&home).metadata().unwrap().len() - 32) / FRAME;
        // A commit takes four frames.
        write(&log(&home), &[0; 8_192], 32 + (frames - 14) * FRAME);
        if keeps_index {
            long_ago(&index_of(&home));
        } else {
            std::fs::remove_file(index_of(&home)).unwrap();
        }
        refused_without(&home, "goes on behind");
        long_ago(&log(&home));
        // What lies behind the gap stays there when others write, and is no damage then.
        let left = events(&home).unwrap();
        assert!((1..6).contains(&left), "{left}");
        opens(&home, left);
        let db = plain(&home);
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        note(&db);
        db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        drop(db);
        opens(&home, left + 2);
    }
}

/// Refused as long as nothing tells of a power cut.
#[track_caller]
fn refused_without(home: &Home, words: &str) {
    let error = look(&home.board()).unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_copy_opens_whichever_of_its_files_were_copied() {
    for suffixes in [&["", WAL, SHM][..], &["", WAL], &["", SHM], &[""]] {
        let (home, copy) = (board(3), Home::new());
        if !suffixes.contains(&WAL) {
            let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
            db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        }
        for suffix in suffixes {
            let [from, to] = [home.board(), copy.board()].map(|it| exists::beside(&it, suffix));
            std::fs::copy(from, to).unwrap();
        }
        opens(&copy, 6);
        opens(&home, 6);
    }
}

#[test]
fn a_damaged_log_that_was_moved_into_the_database_would_hide_newer_pages() {
    let home = board(3);
    let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    drop(db);
    let whole = std::fs::read(log(&home)).unwrap();
    let frames = (whole.len() as u64 - 32) / FRAME;
    write(&log(&home), &[0xA5; 40], 32 + (frames - 5) * FRAME + 4_000);
    refused(&home, "would hide newer pages");
    std::fs::write(log(&home), &whole[..whole.len() / 2]).unwrap();
    refused(&home, "would hide newer pages");
    // Emptied, it hides nothing.
    std::fs::write(log(&home), []).unwrap();
    opens(&home, 6);
}

#[test]
fn rows_that_are_deleted_and_made_anew_are_no_other_board() {
    let home = board(8);
    drop(plain(&home));
    let db = plain(&home);
    db.execute_batch(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT, a, b, c, d);
         INSERT INTO notes (note) SELECT id FROM tasks;",
    )
    .unwrap();
    drop(db);
    let db = plain(&home);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    db.execute_batch(
        "CREATE TEMP TABLE kept AS SELECT * FROM tasks;
         DELETE FROM tasks;
         UPDATE kept SET id = 't_' || substr(hex(randomblob(4)), 1, 8);
         INSERT INTO tasks SELECT * FROM kept;
         DELETE FROM task_events;
         UPDATE notes SET note = 'n' || note;",
    )
    .unwrap();
    note(&db);
    drop(db);
    opens(&home, 1);
    let error = crate::repair::repair(&home.board(), Timestamp(9)).unwrap_err();
    assert!(error.to_string().contains("nothing to repair"), "{error}");
}
