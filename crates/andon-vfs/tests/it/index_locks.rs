//! Locks of the index stay where foreign code takes SQLite's own away.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The slots of the index in SQLite's sources: who writes, and one of those who read.
const WRITE: i64 = 0;
const READERS: std::ops::Range<i64> = 3..8;

struct Board {
    _home: tempfile::TempDir,
    path: PathBuf,
}

impl Board {
    /// A database in WAL mode with the lock file beside it.
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory can be made");
        let path = home.path().join("db");
        File::create(beside(&path, andon_vfs::LOCK_FILE)).expect("the directory is there");
        let board = Self { _home: home, path };
        let settings = "PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)";
        board.open().execute_batch(settings).expect("a new database takes settings");
        board
    }

    fn open(&self) -> Connection {
        let vfs = andon_vfs::collecting().expect("SQLite takes the interface");
        let db = Connection::open_with_flags_and_vfs(&self.path, OpenFlags::default(), vfs);
        db.expect("the directory is there")
    }

    /// What any code in this process may do: SQLite's locks on the index are gone after it.
    fn opened_and_closed_by_foreign_code(&self) {
        drop(File::open(beside(&self.path, "-shm")).expect("the index is there"));
    }

    /// Whether another open file could lock this slot for itself.
    fn is_free(&self, slot: i64) -> bool {
        self.locked(slot).is_some()
    }

    /// The lock file with this slot locked, if nobody else has it.
    fn locked(&self, slot: i64) -> Option<File> {
        let path = beside(&self.path, andon_vfs::LOCK_FILE);
        let file =
            File::options().read(true).write(true).open(path).expect("the lock file is there");
        let wanted = libc::flock {
            l_type: libc::F_WRLCK as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: slot,
            l_len: 1,
            l_pid: 0,
        };
        match fcntl(&file, FcntlArg::F_OFD_SETLK(&wanted)) {
            Ok(_) => Some(file),
            Err(Errno::EAGAIN) => None,
            Err(errno) => panic!("{errno}"),
        }
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[test]
fn a_writer_that_was_robbed_keeps_others_out_until_it_has_committed() {
    let board = Board::new();
    let writer = board.open();
    assert!(board.is_free(WRITE));
    writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)").unwrap();
    board.opened_and_closed_by_foreign_code();
    assert!(!board.is_free(WRITE));
    writer.execute_batch("COMMIT").unwrap();
    assert!(board.is_free(WRITE));
}

#[test]
fn a_reader_that_was_robbed_keeps_its_part_of_the_log() {
    let board = Board::new();
    let reader = board.open();
    reader.execute_batch("BEGIN").unwrap();
    let read = || reader.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0));
    assert_eq!(read().unwrap(), 1);
    board.opened_and_closed_by_foreign_code();
    assert_eq!(READERS.filter(|slot| !board.is_free(*slot)).count(), 1);
    reader.execute_batch("COMMIT").unwrap();
    assert!(READERS.clone().all(|slot| board.is_free(slot)));
}

#[test]
fn whoever_holds_a_slot_beside_sqlite_makes_the_board_busy() {
    let board = Board::new();
    let writer = board.open();
    writer.busy_timeout(std::time::Duration::ZERO).unwrap();
    // Whoever comes first makes the index anew, under the same lock.
    writer.query_row("SELECT count(*) FROM t", [], |_| Ok(())).unwrap();
    let other = board.locked(WRITE).unwrap();
    let refused = writer.execute_batch("BEGIN IMMEDIATE").unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
    drop(other);
    writer.execute_batch("BEGIN IMMEDIATE; COMMIT").unwrap();
}

#[test]
fn a_database_without_a_lock_file_gets_none_and_works() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("db");
    let vfs = andon_vfs::collecting().unwrap();
    let db = Connection::open_with_flags_and_vfs(&path, OpenFlags::default(), vfs).unwrap();
    db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").unwrap();
    assert!(!beside(&path, andon_vfs::LOCK_FILE).exists());
}
