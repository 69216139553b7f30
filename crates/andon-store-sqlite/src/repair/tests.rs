//! What a repair brings back, what it refuses, and what it leaves behind.

#![expect(clippy::disallowed_methods, reason = "makes, damages and compares files as bytes")]

mod stops;

use super::*;
use crate::connect::{self, Role};
use crate::exists::WAL;
use crate::open::tests::{Home, fill, options};
use rusqlite::Connection;
use std::fs::File;
use std::os::unix::fs::FileExt;

const NOW: Timestamp = Timestamp(1_800_000_000);

/// Tasks of a board: enough for several pages.
const TASKS: u32 = 120;
const PAGE: u64 = 4_096;

/// A board whose rows are in its log.
fn board() -> Home {
    board_of(TASKS)
}

fn board_of(tasks: u32) -> Home {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    fill(&home.board(), tasks);
    home
}

/// The same with everything in the database.
fn settled() -> Home {
    let home = board();
    let db = Connection::open(home.board()).unwrap();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(db);
    home
}

fn write(path: &Path, bytes: &[u8], at: u64) {
    File::options().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

/// Ruins the page with the last rows of the table of tasks.
fn ruin_last_tasks(home: &Home) {
    let sql = "SELECT pageno FROM dbstat WHERE name = 'tasks' AND pagetype = 'leaf' \
               ORDER BY path DESC LIMIT 1";
    let db = Connection::open(home.board()).unwrap();
    let page: u64 = db.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap().into();
    drop(db);
    write(&home.board(), &[0xA5; PAGE as usize], (page - 1) * PAGE);
}

fn run(home: &Home) -> Result<Repaired, StoreError> {
    repair(&home.board(), NOW)
}

fn tasks(board: &Path) -> Result<i64, StoreError> {
    let opened = crate::open::open(board, &options())?;
    let count = opened.reader.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0));
    Ok(count.unwrap())
}

/// Database and log; one that is not there counts as empty.
fn files(board: &Path) -> [Vec<u8>; 2] {
    ["", WAL].map(|suffix| std::fs::read(exists::beside(board, suffix)).unwrap_or_default())
}

fn salvaged(repaired: &Repaired) -> (&Path, &Salvage) {
    match &repaired.how {
        Repair::Salvaged { aside, found } => (aside, found),
        Repair::Reindexed => panic!("{repaired:?}"),
    }
}

#[test]
fn a_board_in_order_is_left_as_it_is() {
    let home = board();
    let (before, names) = (files(&home.board()), home.names());
    let refused = run(&home).unwrap_err();
    assert!(refused.to_string().contains("nothing to repair"), "{refused}");
    assert!(files(&home.board()) == before);
    assert_eq!(home.names(), names);
}

#[test]
fn indexes_are_written_anew_in_place_after_a_copy() {
    let home = board_of(3);
    crate::inspect::tests::lose_an_index_row(&home.board());
    let repaired = run(&home).unwrap();
    assert_eq!((repaired.how, repaired.tasks), (Repair::Reindexed, 4));
    assert!(repaired.copy.exists());
    assert!(run(&home).unwrap_err().to_string().contains("nothing to repair"));
}

#[test]
fn a_ruined_page_costs_its_rows_alone_and_the_broken_files_stay_byte_for_byte() {
    let home = settled();
    ruin_last_tasks(&home);
    let before = files(&home.board());
    let repaired = run(&home).unwrap();
    let (aside, found) = salvaged(&repaired);
    let [missing] = found.missing.as_slice() else { panic!("{found:?}") };
    assert!(missing.rows > 0 && missing.rows < 40, "{missing:?}");
    assert_eq!(repaired.tasks + missing.rows, u64::from(TASKS));
    assert_eq!(tasks(&home.board()).unwrap(), i64::try_from(repaired.tasks).unwrap());
    assert!(files(aside) == before && files(&repaired.copy) == before);
}

#[test]
fn indexes_are_not_mended_in_a_file_that_ends_within_a_page() {
    let home = board_of(3);
    crate::inspect::tests::lose_an_index_row(&home.board());
    drop(Connection::open(home.board()).map(|db| db.execute_batch("SELECT * FROM tasks")).unwrap());
    let file = File::options().append(true).open(home.board()).unwrap();
    file.set_len(file.metadata().unwrap().len() + 1_000).unwrap();
    let repaired = run(&home).unwrap();
    assert_eq!((salvaged(&repaired).1.unread.len(), repaired.tasks), (0, 4));
}

#[test]
fn a_lost_database_comes_back_from_its_log() {
    let lose: [fn(&Path); 2] =
        [|board| std::fs::remove_file(board).unwrap(), |board| std::fs::write(board, "").unwrap()];
    for lose in lose {
        let home = board();
        lose(&home.board());
        assert!(tasks(&home.board()).is_err());
        let repaired = run(&home).unwrap();
        assert_eq!(repaired.tasks, u64::from(TASKS), "{repaired:?}");
        assert_eq!(tasks(&home.board()).unwrap(), i64::from(TASKS));
    }
}

/// Bytes of a frame in the log.
const FRAME: u64 = PAGE + 24;

#[test]
fn a_log_damaged_in_the_middle_is_read_to_its_end() {
    let home = board();
    for nth in 0..5 {
        let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
        let sql = "INSERT INTO andon_board VALUES (?1, 'x')";
        db.execute(sql, [format!("key {nth}")]).unwrap();
    }
    let log = exists::beside(&home.board(), WAL);
    let frames = (log.metadata().unwrap().len() - 32) / FRAME;
    // The fourth last commit: one page.
    write(&log, &[0xA5; 64], 32 + (frames - 4) * FRAME + 1_000);
    let before = files(&home.board());
    let repaired = run(&home).unwrap();
    let (aside, found) = salvaged(&repaired);
    assert!(matches!(found.log, LogUse::Damaged { frames: 1, .. }), "{found:?}");
    assert!(files(aside) == before);
    assert_eq!(tasks(&home.board()).unwrap(), i64::from(TASKS));
    let db = Connection::open(home.board()).unwrap();
    let sql = "SELECT count(*) FROM andon_board";
    assert_eq!(db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 5);
}

#[test]
fn the_log_of_another_board_is_left_out() {
    let home = settled();
    let other = Home::new();
    drop(crate::open::create(&other.board(), &options()).unwrap());
    fill(&other.board(), 3);
    // Each task has an event that tells of it.
    let events = "INSERT INTO task_events (task_id, kind, created_at)
                  SELECT id, 'created', 1 FROM tasks";
    Connection::open(home.board()).unwrap().execute_batch(events).unwrap();
    let rename = "UPDATE tasks SET id = 't_' || id";
    let db = connect::connect(&other.board(), Role::Writer, &options().connect).unwrap();
    db.execute_batch(rename).unwrap();
    db.execute_batch(events).unwrap();
    drop(db);
    std::fs::copy(exists::beside(&other.board(), WAL), exists::beside(&home.board(), WAL)).unwrap();
    let repaired = run(&home).unwrap();
    assert_eq!(salvaged(&repaired).1.log, LogUse::Foreign);
    assert_eq!(tasks(&home.board()).unwrap(), i64::from(TASKS));
}

#[test]
fn what_is_no_board_is_refused_and_stays() {
    let text = |home: &Home| std::fs::write(home.board(), "a note\n".repeat(1_000)).unwrap();
    let foreign = |home: &Home| {
        std::fs::remove_file(home.board()).unwrap();
        let db = Connection::open(home.board()).unwrap();
        db.execute_batch("PRAGMA application_id = 7; CREATE TABLE t (x)").unwrap();
    };
    let newer = |home: &Home| {
        let db = Connection::open(home.board()).unwrap();
        db.execute_batch("PRAGMA user_version = 99").unwrap();
    };
    for (make, code) in [
        (&text as &dyn Fn(&Home), "board_refused"),
        (&foreign, "board_refused"),
        (&newer, "board_refused"),
    ] {
        let home = settled();
        make(&home);
        let before = std::fs::read(home.board()).unwrap();
        let refused = run(&home).unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert_eq!(std::fs::read(home.board()).unwrap(), before);
    }
}

#[test]
fn a_board_that_is_open_is_not_repaired() {
    let home = settled();
    let opened = crate::open::open(&home.board(), &options()).unwrap();
    let refused = run(&home).unwrap_err();
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    drop(opened);
}

#[test]
fn there_is_one_copy_of_one_content_and_three_of_different_ones() {
    let home = settled();
    let mut kept = Vec::new();
    for nth in 0..5_u8 {
        std::fs::write(home.board(), vec![b'a' + nth; 5_000]).unwrap();
        for _ in 0..3 {
            run(&home).unwrap_err();
        }
        kept.push(broken::copies(&home.board()));
    }
    let counts: Vec<usize> = kept.iter().map(Vec::len).collect();
    assert_eq!(counts, [1, 2, 3, 3, 3]);
    assert!(kept[4].iter().any(|copy| std::fs::read(copy).unwrap() == vec![b'e'; 5_000]));
}
