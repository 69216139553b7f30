//! What a backup holds, what is refused, which ones stay, and what is left of one that fails.

#![expect(clippy::disallowed_methods, reason = "makes and compares files as bytes")]

use super::*;
use crate::connect::{self, Role};
use crate::open::tests::{Home, fill, options};
use andon_faults::{Hooks, interfere};
use rusqlite::Connection;
use std::num::NonZeroU32;
use std::os::unix::fs::PermissionsExt;
use std::rc::Rc;

const NOW: Timestamp = Timestamp(1_800_000_000);

fn board() -> Home {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    fill(&home.board(), 3);
    home
}

fn directory(home: &Home) -> PathBuf {
    home.board().with_file_name("backups")
}

fn newest(count: u32) -> Keep {
    Keep::Newest(NonZeroU32::new(count).unwrap())
}

fn back_up_at(home: &Home, now: Timestamp, keep: Keep) -> Result<BackedUp, StoreError> {
    back_up(&home.board(), &directory(home), keep, now)
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "kanban.db.lock");
    names.sort();
    names
}

fn tasks(path: &Path) -> i64 {
    let db = open_sealed(path, &options().connect).unwrap();
    db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_backup_holds_what_was_committed_also_what_is_only_in_the_log() {
    let home = board();
    let log = exists::beside(&home.board(), exists::WAL).metadata().unwrap().len();
    assert!(log > 0, "the rows are in the log");
    let made = back_up_at(&home, NOW, Keep::All).unwrap();
    assert_eq!((made.tasks, tasks(&made.backup.path)), (3, 3));
    assert_eq!(made.backup.bytes, made.backup.path.metadata().unwrap().len());
    assert_eq!(names(&directory(&home)), ["kanban.db.andon-1800000000.bak"]);
    assert_eq!(backups(&home.board(), &directory(&home)).unwrap(), [made.backup]);
}

#[test]
fn a_backup_is_private_and_in_a_private_directory() {
    let home = board();
    let made = back_up_at(&home, NOW, Keep::All).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&made.backup.path), mode(&directory(&home))), (0o600, 0o700));
}

#[test]
fn a_transaction_under_way_is_not_in_the_backup_and_goes_on() {
    let home = board();
    let writer = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM tasks").unwrap();
    let made = back_up_at(&home, NOW, Keep::All).unwrap();
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(tasks(&made.backup.path), 3);
}

#[test]
fn the_newest_stay_and_the_oldest_goes_only_if_andon_made_it() {
    let home = board();
    let theirs = ["kanban.db.andon-1.bak.gz", "kanban.db.andon-x.bak", "kanban.db.andon-01.bak"];
    std::fs::create_dir(directory(&home)).unwrap();
    for name in theirs {
        std::fs::write(directory(&home).join(name), b"theirs").unwrap();
    }
    for second in 0..4 {
        back_up_at(&home, Timestamp(NOW.0 + second), newest(2)).unwrap();
    }
    let mut expected = [2, 3].map(|n| format!("kanban.db.andon-{}.bak", NOW.0 + n)).to_vec();
    expected.extend(theirs.map(str::to_owned));
    expected.sort();
    assert_eq!(names(&directory(&home)), expected);
}

#[test]
fn two_backups_of_one_second_stay_and_the_later_one_is_the_newest() {
    let home = board();
    back_up_at(&home, NOW, Keep::All).unwrap();
    fill_more(&home);
    let second = back_up_at(&home, NOW, Keep::All).unwrap();
    assert_eq!(second.backup.path.file_name().unwrap(), "kanban.db.andon-1800000000-2.bak");
    let found = backups(&home.board(), &directory(&home)).unwrap();
    assert_eq!((found.len(), &found[0]), (2, &second.backup));
    let latest = find_backup(&home.board(), &directory(&home), "latest".as_ref()).unwrap();
    assert_eq!(tasks(&latest), 4);
}

fn fill_more(home: &Home) {
    let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    let insert = "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_9', 'x', 'todo', 1)";
    db.execute_batch(insert).unwrap();
}

/// Fails where a test says.
struct FailAt(&'static str);

impl Hooks for FailAt {
    fn reach(&self, point: &'static str, _: &Path) -> std::io::Result<()> {
        if point == self.0 { Err(std::io::Error::other("told to fail")) } else { Ok(()) }
    }
}

#[test]
fn a_backup_that_fails_leaves_the_older_ones_and_no_half_of_itself() {
    for at in ["disk.create", "backup.copied", "disk.sync", "disk.rename"] {
        let home = board();
        let first = back_up_at(&home, NOW, newest(1)).unwrap();
        let failing = interfere(Rc::new(FailAt(at)));
        let failed = back_up_at(&home, Timestamp(NOW.0 + 1), newest(1)).unwrap_err();
        drop(failing);
        assert_eq!(failed.code(), "unavailable", "{at}: {failed}");
        assert_eq!(backups(&home.board(), &directory(&home)).unwrap(), [first.backup], "{at}");
        assert_eq!(names(&directory(&home)).len(), 1, "{at}");
    }
}

#[test]
fn what_a_killed_backup_left_is_cleared_by_the_next_one() {
    let home = board();
    std::fs::create_dir(directory(&home)).unwrap();
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let left = directory(&home).join(format!("kanban.db.andon.new{suffix}"));
        std::fs::write(left, b"half").unwrap();
    }
    back_up_at(&home, NOW, newest(7)).unwrap();
    assert_eq!(names(&directory(&home)), ["kanban.db.andon-1800000000.bak"]);
}

#[test]
fn a_damaged_board_gives_no_backup_and_takes_none_away() {
    let home = board();
    let first = back_up_at(&home, NOW, newest(1)).unwrap();
    home.overwrite_last_page();
    let before = std::fs::read(home.board()).unwrap();
    let refused = back_up_at(&home, Timestamp(NOW.0 + 1), newest(1)).unwrap_err();
    assert_eq!(refused.code(), "corrupt");
    assert_eq!(backups(&home.board(), &directory(&home)).unwrap(), [first.backup]);
    assert_eq!(std::fs::read(home.board()).unwrap(), before);
}

#[test]
fn a_board_whose_index_differs_is_backed_up_with_all_its_rows() {
    let home = board();
    crate::inspect::tests::lose_an_index_row(&home.board());
    let made = back_up_at(&home, NOW, newest(1)).unwrap();
    let db = Connection::open(&made.backup.path).unwrap();
    let by_table = "SELECT count(*) FROM tasks NOT INDEXED WHERE id > ''";
    assert_eq!(db.query_row(by_table, [], |row| row.get::<_, i64>(0)).unwrap(), 4);
}

#[test]
fn another_programs_database_is_not_backed_up() {
    let home = Home::new();
    Connection::open(home.board()).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert_eq!(back_up_at(&home, NOW, Keep::All).unwrap_err().code(), "board_refused");
    let other = "PRAGMA application_id = 7; PRAGMA user_version = 3";
    Connection::open(home.board()).unwrap().execute_batch(other).unwrap();
    assert_eq!(back_up_at(&home, NOW, Keep::All).unwrap_err().code(), "board_refused");
    assert!(names(&directory(&home)).is_empty());
}

#[test]
fn a_backup_is_found_by_path_by_name_and_as_the_latest() {
    let home = board();
    let made = back_up_at(&home, NOW, Keep::All).unwrap().backup.path;
    let find = |wanted: &str| find_backup(&home.board(), &directory(&home), wanted.as_ref());
    for wanted in ["latest", "kanban.db.andon-1800000000.bak", made.to_str().unwrap()] {
        assert_eq!(find(wanted).unwrap(), made, "{wanted}");
    }
    assert_eq!(find("kanban.db.andon-1.bak").unwrap_err().code(), "board_refused");
}

#[test]
fn reading_a_backup_leaves_nothing_beside_it() {
    let home = board();
    let odd = home.board().with_file_name("a b#?%41\u{e4}");
    let made = back_up(&home.board(), &odd, Keep::All, NOW).unwrap();
    assert_eq!(tasks(&made.backup.path), 3);
    assert_eq!(names(&odd), ["kanban.db.andon-1800000000.bak"]);
}
