//! Who may take the log away, with and without the guard; and that no call of ours loses a lock.

#![expect(clippy::disallowed_methods, reason = "stands in for careless code: it opens the board")]

use super::*;
use crate::check::{Depth, check};
use crate::connect::{Role, connect};
use crate::open::tests::{Home, child, child_board, fill, options};
use crate::watch::BoardWatch;
use andon_store::Watch;
use std::fs::File;
use std::time::Duration;

fn board() -> (Home, crate::open::Opened) {
    let home = Home::new();
    let opened = crate::open::create(&home.board(), &options()).unwrap();
    fill(&home.board(), 5);
    (home, opened)
}

/// What a plugin or a backup tool does: closing cancels this process's locks on the file.
fn open_and_close(path: &Path) {
    for suffix in ["", exists::SHM] {
        drop(File::open(exists::beside(path, suffix)).unwrap());
    }
}

/// A process that opens the board as any program would, writes, closes as the last one, and tries
/// to leave WAL mode.
#[test]
#[ignore = "runs as a process of its own"]
fn child_closes_last() {
    let path = child_board();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("INSERT INTO andon_salvage VALUES ('child', 'row')", []).unwrap();
    connection.close().unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    // Refused under a guard, granted to the last one; either answer is fine here.
    drop(connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0)));
}

const CHILD: &str = "guard::tests::child_closes_last";

#[test]
fn without_a_guard_careless_code_costs_the_log() {
    let (home, opened) = board();
    open_and_close(&home.board());
    child(CHILD, &home.board());
    // The control: if this ever holds, the tests below prove nothing.
    assert_eq!(opened.identity.verify().unwrap_err().code(), "replaced");
}

#[test]
fn under_a_guard_nobody_takes_the_log_or_the_mode() {
    let (home, opened) = board();
    Guard::hold(&opened.identity).unwrap();
    open_and_close(&home.board());
    child(CHILD, &home.board());
    opened.identity.verify().unwrap();
    let rows: i64 = opened
        .reader
        .query_row("SELECT count(*) FROM andon_salvage WHERE tbl = 'child'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1, "what the other process wrote is lost");
    let mode: String =
        opened.reader.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_guard_outlives_the_connections() {
    let (home, opened) = board();
    Guard::hold(&opened.identity).unwrap();
    let log = rustix::fs::stat(opened.identity.log_path()).unwrap().st_ino;
    let path = opened.identity.path().to_owned();
    drop(opened);
    child(CHILD, &home.board());
    assert_eq!(rustix::fs::stat(exists::beside(&path, exists::WAL)).unwrap().st_ino, log);
}

#[test]
fn a_file_is_anchored_once_in_a_process() {
    let (home, opened) = board();
    let open_files = || {
        let entries = std::fs::read_dir("/proc/self/fd").unwrap();
        let targets = entries.filter_map(|entry| entry.unwrap().path().read_link().ok());
        targets.filter(|target| *target == home.board()).count()
    };
    let before = open_files();
    for _ in 0..3 {
        Guard::hold(&opened.identity).unwrap();
    }
    assert_eq!(open_files(), before + 1);
}

#[test]
fn a_board_that_was_replaced_is_noticed() {
    let (home, opened) = board();
    let copy = exists::beside(&home.board(), ".copy");
    std::fs::copy(home.board(), &copy).unwrap();
    std::fs::rename(&copy, home.board()).unwrap();
    let error = opened.identity.verify().unwrap_err();
    assert!(error.to_string().contains("another file"), "{error}");
}

#[test]
fn a_log_that_was_deleted_is_noticed() {
    let (_home, opened) = board();
    std::fs::remove_file(opened.identity.log_path()).unwrap();
    let error = opened.identity.verify().unwrap_err();
    assert!(error.to_string().contains("-wal was deleted"), "{error}");
}

#[test]
fn a_file_that_is_deleted_but_still_found_is_noticed() {
    use std::os::fd::AsRawFd;
    let home = Home::new();
    // As where a single file is mounted into a container and deleted outside.
    let held = File::create(home.board()).unwrap();
    let mounted = PathBuf::from(format!("/proc/self/fd/{}", held.as_raw_fd()));
    let pinned = Pinned::look(mounted, &home.board()).unwrap();
    pinned.verify(&home.board()).unwrap();
    std::fs::remove_file(home.board()).unwrap();
    let error = pinned.verify(&home.board()).unwrap_err();
    assert!(error.to_string().contains("was deleted"), "{error}");
}

#[test]
fn programs_that_a_guarded_process_starts_do_not_get_the_board() {
    let (home, opened) = board();
    Guard::hold(&opened.identity).unwrap();
    let mut command = std::process::Command::new("ls");
    let output = command.args(["-l", "/proc/self/fd"]).output().unwrap();
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(listed.contains("/proc/"), "{listed}");
    assert!(!listed.contains(home.board().to_str().unwrap()), "{listed}");
}

/// Whether this process holds SQLite's shared lock on the board, by the kernel's own word. Asked of
/// the descriptors: the table of all locks is read in pieces, and a line of it can be missed.
fn holds_shared_lock(path: &Path) -> bool {
    let inode = format!(":{}", rustix::fs::stat(path).unwrap().st_ino);
    let descriptors = std::fs::read_dir("/proc/self/fdinfo").unwrap();
    // A descriptor may be gone by now: another thread's, or the one of this very directory.
    let told = descriptors.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
    told.collect::<String>().lines().any(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [.., "POSIX", _, _, _, file, first, _] = words.as_slice() else { return false };
        file.ends_with(&inode) && *first == "1073741826"
    })
}

#[test]
fn the_lock_table_loses_a_lock_to_careless_code() {
    let (home, _opened) = board();
    assert!(holds_shared_lock(&home.board()));
    open_and_close(&home.board());
    assert!(!holds_shared_lock(&home.board()), "the next test would prove nothing");
}

#[test]
fn no_call_of_ours_loses_a_lock() {
    let (home, mut opened) = board();
    let path = home.board();
    let connect_options = options().connect;
    let holds = |after: &str| assert!(holds_shared_lock(&path), "lost after {after}");
    holds("create");
    drop(crate::open::open(&path, &options()).unwrap());
    holds("opening again");
    drop(crate::open::create(&path, &options()).unwrap());
    holds("creating again");
    drop(connect(&path, Role::Writer, &connect_options).unwrap());
    holds("closing a writer");
    let mut watch = BoardWatch::new(&opened.identity, &connect_options).unwrap();
    watch.changed().unwrap();
    drop(watch);
    holds("watching");
    check(&mut opened.reader, Depth::Full, Duration::from_secs(60)).unwrap();
    holds("a check");
    drop(crate::lock::WriterLock::open(&path).unwrap().lock().unwrap());
    holds("writing in turn");
    opened.identity.verify().unwrap();
    holds("verifying");
    Guard::hold(&opened.identity).unwrap();
    holds("guarding");
}
