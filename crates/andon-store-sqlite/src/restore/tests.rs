//! What a restore brings back, what it refuses, and what is left wherever it stops.

#![expect(clippy::disallowed_methods, reason = "makes, damages and compares files as bytes")]

use super::*;
use crate::backup::{Keep, back_up};
use crate::connect::{self, Role};
use crate::open::tests::{Home, fill, options};
use andon_faults::{Hooks, interfere};
use rusqlite::Connection;
use std::cell::Cell;
use std::rc::Rc;

const NOW: Timestamp = Timestamp(1_800_000_000);

/// A board with three tasks in a backup, and one more since, which is only in the log.
fn scene() -> (Home, PathBuf) {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    fill(&home.board(), 3);
    let directory = home.board().with_file_name("backups");
    let backup = back_up(&home.board(), &directory, Keep::All, NOW).unwrap().backup.path;
    change(
        &home,
        "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_9', 'x', 'todo', 1)",
    );
    (home, backup)
}

fn change(home: &Home, sql: &str) {
    let db = connect::connect(&home.board(), Role::Writer, &options().connect).unwrap();
    db.execute_batch(sql).unwrap();
}

fn run(home: &Home, backup: &Path, good: GoodBoard) -> Result<Restored, StoreError> {
    restore(&home.board(), backup, good, NOW)
}

/// Tasks of a board as an ordinary open finds it.
fn tasks(board: &Path) -> Result<i64, StoreError> {
    let opened = crate::open::open(board, &options())?;
    let count = opened.reader.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0));
    Ok(count.unwrap())
}

/// Tasks in a file with whatever lies beside it, as any program finds it.
fn tasks_of(path: &Path) -> i64 {
    let db = Connection::open(path).unwrap();
    let check: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    db.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap()
}

fn names(home: &Home) -> Vec<String> {
    home.names().into_iter().filter(|name| name.contains("andon")).collect()
}

#[test]
fn a_good_board_stays_unless_it_is_moved_aside_with_all_that_is_in_its_log() {
    let (home, backup) = scene();
    let before = std::fs::read(home.board()).unwrap();
    let refused = run(&home, &backup, GoodBoard::Stays).unwrap_err();
    assert_eq!(refused.code(), "board_refused");
    assert_eq!(std::fs::read(home.board()).unwrap(), before);
    assert!(names(&home).is_empty(), "{:?}", names(&home));
    let restored = run(&home, &backup, GoodBoard::GoesAside).unwrap();
    assert_eq!((restored.tasks, tasks(&home.board()).unwrap()), (3, 3));
    assert_eq!(tasks_of(&restored.aside.unwrap()), 4);
}

#[test]
fn a_missing_board_comes_back_and_the_log_of_the_lost_one_is_not_mixed_in() {
    let (home, backup) = scene();
    std::fs::remove_file(home.board()).unwrap();
    let log = exists::beside(&home.board(), exists::WAL);
    let lost = std::fs::read(&log).unwrap();
    assert_eq!(tasks(&home.board()).unwrap_err().code(), "board_refused");
    let restored = run(&home, &backup, GoodBoard::Stays).unwrap();
    assert_eq!(tasks(&home.board()).unwrap(), 3);
    let kept = exists::beside(&restored.aside.unwrap(), exists::WAL);
    assert_eq!(std::fs::read(kept).unwrap(), lost);
}

#[test]
fn a_board_is_restored_where_there_never_was_one() {
    let (_home, backup) = scene();
    let other = Home::new();
    let restored = run(&other, &backup, GoodBoard::Stays).unwrap();
    assert_eq!((restored.aside, tasks(&other.board()).unwrap()), (None, 3));
}

#[test]
fn what_is_broken_goes_aside_byte_for_byte() {
    let truncated = |home: &Home| {
        let file = std::fs::File::options().write(true).open(home.board()).unwrap();
        file.set_len(5_000).unwrap();
    };
    let text = |home: &Home| std::fs::write(home.board(), "a note\n".repeat(1_000)).unwrap();
    let empty = |home: &Home| std::fs::write(home.board(), "").unwrap();
    for breaks in [&truncated as &dyn Fn(&Home), &text, &empty, &Home::overwrite_last_page] {
        let (home, backup) = scene();
        breaks(&home);
        let broken = std::fs::read(home.board()).unwrap();
        let restored = run(&home, &backup, GoodBoard::Stays).unwrap();
        assert_eq!(tasks(&home.board()).unwrap(), 3);
        assert_eq!(std::fs::read(restored.aside.unwrap()).unwrap(), broken);
    }
}

#[test]
fn a_backup_that_is_damaged_or_no_board_changes_nothing() {
    let foreign = |path: &Path| {
        std::fs::remove_file(path).unwrap();
        Connection::open(path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    };
    let text = |path: &Path| std::fs::write(path, "a note\n".repeat(1_000)).unwrap();
    let torn = |path: &Path| {
        use std::os::unix::fs::FileExt;
        let file = std::fs::File::options().write(true).open(path).unwrap();
        let end = file.metadata().unwrap().len();
        file.write_all_at(&[0xA5; 4096], end - 4096).unwrap();
    };
    for (spoils, code) in [
        (&foreign as &dyn Fn(&Path), "board_refused"),
        (&text, "board_refused"),
        (&torn, "corrupt"),
    ] {
        let (home, backup) = scene();
        spoils(&backup);
        let before = std::fs::read(home.board()).unwrap();
        let refused = run(&home, &backup, GoodBoard::GoesAside).unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert_eq!(std::fs::read(home.board()).unwrap(), before);
        assert_eq!(tasks(&home.board()).unwrap(), 4);
        assert!(names(&home).is_empty(), "{:?}", names(&home));
    }
}

#[test]
fn a_board_that_is_open_is_not_replaced() {
    let (home, backup) = scene();
    let opened = crate::open::open(&home.board(), &options()).unwrap();
    let refused = run(&home, &backup, GoodBoard::GoesAside).unwrap_err();
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    drop(opened);
    assert_eq!(tasks(&home.board()).unwrap(), 4);
}

#[test]
fn a_board_is_not_its_own_backup() {
    let (home, _) = scene();
    let refused = run(&home, &home.board(), GoodBoard::GoesAside).unwrap_err();
    assert_eq!(refused.code(), "board_refused");
    assert_eq!(tasks(&home.board()).unwrap(), 4);
}

/// Fails at the nth point that is reached.
struct FailAtNth(Cell<u32>);

impl Hooks for FailAtNth {
    fn reach(&self, _: &'static str, _: &Path) -> std::io::Result<()> {
        self.0.set(self.0.get().wrapping_sub(1));
        if self.0.get() == 0 { Err(std::io::Error::other("told to fail")) } else { Ok(()) }
    }
}

#[test]
fn wherever_it_stops_no_row_is_lost_no_log_is_mixed_and_a_second_try_succeeds() {
    let mut stopped = 0;
    for nth in 1..100 {
        let (home, backup) = scene();
        let failing = interfere(Rc::new(FailAtNth(Cell::new(nth))));
        let outcome = run(&home, &backup, GoodBoard::GoesAside);
        drop(failing);
        let aside = match outcome {
            Ok(restored) => restored.aside,
            Err(error) => {
                stopped += 1;
                // The old board, the restored one, or a refusal: nothing else, and none is empty.
                match tasks(&home.board()) {
                    Ok(found) => assert!(found == 3 || found == 4, "{nth}: {error}: {found}"),
                    Err(refused) => assert_eq!(refused.code(), "board_refused", "{nth}: {error}"),
                }
                let again = restore(&home.board(), &backup, GoodBoard::GoesAside, NOW);
                let aside = again.unwrap_or_else(|again| panic!("{nth}: {error}: {again}")).aside;
                aside.or_else(|| exists::copies(&home.board(), exists::REPLACED).pop())
            }
        };
        assert_eq!(tasks(&home.board()).unwrap(), 3, "{nth}");
        let boards = exists::copies(&home.board(), exists::REPLACED);
        let largest = boards.iter().map(|board| tasks_of(board)).max();
        assert_eq!(largest, Some(4), "{nth}: {aside:?}");
        assert!(replace::unfinished(&home.board()).is_empty(), "{nth}");
        if stopped < nth {
            assert!(stopped > 12, "only {stopped} places to stop at");
            return;
        }
    }
    panic!("it never came to its end");
}

#[test]
fn what_another_board_moved_aside_is_not_touched() {
    let (home, backup) = scene();
    let others = [
        "kanban.db2.replaced-andon-1.bak.moving",
        "kanban.db.replaced-andon-x.bak.moving",
        "kanban.db.copy.bak.moving",
    ];
    let others = others.map(|name| home.board().with_file_name(name));
    others.iter().for_each(|other| std::fs::write(other, "another's").unwrap());
    run(&home, &backup, GoodBoard::GoesAside).unwrap();
    for other in others {
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "another's", "{}", other.display());
    }
}
