//! What is refused because the log is not what it was, as often as somebody asks; and what looks
//! nearly so and does no harm.

#![expect(clippy::disallowed_methods, reason = "makes, damages and compares files as bytes")]

mod left;

use super::*;
use crate::connect::{self, Role};
use crate::open::tests::{Home, fill, options};
use andon_core::time::Timestamp;
use rusqlite::Connection;
use std::os::unix::fs::FileExt;

const PAGE: u64 = 4_096;
const FRAME: u64 = PAGE + 24;

/// A board with some commits in its log alone.
fn board(rows: u32) -> Home {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    fill(&home.board(), rows);
    for nth in 0..6 {
        comment(&home, nth);
    }
    home
}

fn comment(home: &Home, nth: u32) {
    let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    let sql = "INSERT INTO task_events (task_id, kind, created_at) VALUES (?1, 'x', 1)";
    db.execute(sql, [format!("t_{nth}")]).unwrap();
}

fn log(home: &Home) -> std::path::PathBuf {
    exists::beside(&home.board(), WAL)
}

fn index_of(home: &Home) -> std::path::PathBuf {
    exists::beside(&home.board(), SHM)
}

fn write(path: &Path, bytes: &[u8], at: u64) {
    File::options().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

fn events(home: &Home) -> Result<i64, StoreError> {
    let opened = crate::open::open(&home.board(), &options())?;
    let sql = "SELECT count(*) FROM task_events";
    Ok(opened.reader.query_row(sql, [], |row| row.get(0)).unwrap())
}

/// Refused three times with these words, and the log stays as it is.
#[track_caller]
fn refused(home: &Home, words: &str) {
    let before = std::fs::read(log(home)).ok();
    for _ in 0..3 {
        let error = events(home).unwrap_err();
        assert_eq!(error.code(), "board_refused");
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(std::fs::read(log(home)).ok() == before);
}

#[test]
fn a_log_that_is_gone_or_cut_is_missed() {
    let home = board(3);
    let whole = std::fs::read(log(&home)).unwrap();
    std::fs::remove_file(log(&home)).unwrap();
    refused(&home, "its log is missing");
    for kept in [0, 20, whole.len() / 2, whole.len() - 100] {
        std::fs::write(log(&home), &whole[..kept]).unwrap();
        refused(&home, "its log is cut");
    }
    std::fs::write(log(&home), &whole).unwrap();
    assert_eq!(events(&home).unwrap(), 6);
}

#[test]
fn damage_anywhere_in_the_log_is_missed_and_missed_again() {
    let home = board(3);
    let whole = std::fs::read(log(&home)).unwrap();
    let index = std::fs::read(index_of(&home)).unwrap();
    let frames = (whole.len() as u64 - 32) / FRAME;
    for frame in 0..frames {
        std::fs::write(log(&home), &whole).unwrap();
        std::fs::write(index_of(&home), &index).unwrap();
        write(&log(&home), &[0xA5; 40], 32 + frame * FRAME + 4_000);
        refused(&home, "damaged");
    }
    std::fs::write(log(&home), &whole).unwrap();
    std::fs::write(index_of(&home), &index).unwrap();
    write(&log(&home), &[0xA5; 32], 0);
    refused(&home, "its log");
}

#[test]
fn without_an_index_a_log_that_goes_on_behind_damage_is_refused_still() {
    let home = board(3);
    std::fs::remove_file(index_of(&home)).unwrap();
    let frames = (log(&home).metadata().unwrap().len() - 32) / FRAME;
    // A commit takes four frames.
    write(&log(&home), &[0xA5; 40], 32 + (frames - 12) * FRAME + 4_000);
    refused(&home, "goes on behind a place at which it is damaged");
}

#[test]
fn what_a_power_cut_leaves_of_a_commit_is_no_damage() {
    let home = board(3);
    std::fs::remove_file(index_of(&home)).unwrap();
    let frames = (log(&home).metadata().unwrap().len() - 32) / FRAME;
    write(&log(&home), &[0xA5; 40], 32 + (frames - 1) * FRAME + 4_000);
    assert_eq!(events(&home).unwrap(), 5);
    comment(&home, 9);
    assert_eq!(events(&home).unwrap(), 6);
}

#[test]
fn the_log_of_another_board_is_noticed_with_and_without_an_index() {
    for keeps_index in [true, false] {
        let (home, other) = (board(3), board(60));
        drop(Connection::open(home.board()).map(|db| db.execute_batch("VACUUM")).unwrap());
        for nth in 0..3 {
            comment(&home, 10 + nth);
        }
        let db = connect::connect(&other.board(), Role::Writer, &options().connect).unwrap();
        db.execute_batch("UPDATE task_events SET task_id = 't_o' || task_id").unwrap();
        drop(db);
        std::fs::copy(log(&other), log(&home)).unwrap();
        if !keeps_index {
            std::fs::remove_file(index_of(&home)).unwrap();
        }
        let error = events(&home).unwrap_err();
        // SQLite may see it first, where the two do not fit together.
        assert!(error.is_board_trouble(), "{error}");
        let judged = crate::repair::repair(&home.board(), Timestamp(9)).unwrap();
        assert!(judged.finding.contains("belongs to another database"), "{judged:?}");
    }
}

#[test]
fn an_index_of_another_time_or_board_does_no_harm() {
    let (home, other) = (board(3), board(60));
    let early = std::fs::read(index_of(&home)).unwrap();
    comment(&home, 7);
    for index in [early, std::fs::read(index_of(&other)).unwrap(), vec![0xA5; 32_768]] {
        std::fs::write(index_of(&home), index).unwrap();
        assert_eq!(events(&home).unwrap(), 7);
    }
}

#[test]
fn a_log_that_the_last_one_took_along_is_not_missed() {
    let home = board(3);
    drop(Connection::open(home.board()).map(|db| db.execute_batch("SELECT * FROM tasks")).unwrap());
    assert!(!log(&home).exists());
    assert_eq!(events(&home).unwrap(), 6);
    // Moved into the database, and lost then: nothing was only in it.
    comment(&home, 8);
    let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    drop(db);
    std::fs::remove_file(log(&home)).unwrap();
    assert_eq!(events(&home).unwrap(), 7);
}

#[test]
fn whoever_opens_a_board_that_is_in_use_looks_at_nothing() {
    let home = board(3);
    let opened = crate::open::open(&home.board(), &options()).unwrap();
    assert!(Glimpse::of(&home.board()).unwrap().is_in_use);
    // Nothing is told, though there is something to be told.
    write(&log(&home), &[0xA5; 32], 0);
    look(&home.board()).unwrap();
    drop(opened);
    assert!(look(&home.board()).is_err());
}
