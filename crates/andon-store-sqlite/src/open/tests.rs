//! Opening, making, refusing and adopting; and the homes that tests of this crate live in.

#![expect(clippy::disallowed_methods, reason = "makes, damages and compares files as bytes")]

mod adopted;
mod created;
mod drifted;
mod held;
mod refused;
mod replaced;

use super::*;
use std::process::Command;

/// The board that a test's child process is to work on.
const CHILD_BOARD: &str = "ANDON_TEST_BOARD";

/// A directory of one test, with room for one board.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn board(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap().join("kanban.db")
    }

    /// Names of all files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Damages the end of the file, with everything in it and no log.
    pub(crate) fn overwrite_last_page(&self) {
        use std::os::unix::fs::FileExt;
        drop(Connection::open(self.board()).map(|db| db.execute_batch("VACUUM")).unwrap());
        let file = std::fs::File::options().write(true).open(self.board()).unwrap();
        let end = file.metadata().unwrap().len();
        file.write_all_at(&[0xA5; 4096], end - 4096).unwrap();
    }
}

pub(crate) fn options() -> OpenOptions {
    OpenOptions {
        connect: ConnectOptions { busy: Duration::from_secs(5) },
        init_wait: Duration::from_secs(30),
        probe: |_| Ok(0xEF53),
        now: Timestamp(1_700_000_000),
    }
}

/// Adds rows, as another program would.
pub(crate) fn fill(path: &Path, tasks: u32) {
    let connection = connect::connect(path, Role::Writer, &options().connect).unwrap();
    let insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                  INSERT INTO tasks (id, title, status, created_at)
                  SELECT printf('t_%08x', i), hex(randomblob(100)), 'todo', i FROM n";
    connection.execute(insert, [tasks]).unwrap();
}

/// Runs one ignored test of this binary as a process of its own, on a board.
pub(crate) fn child(test: &str, board: &Path) {
    assert!(start_child(test, board).wait().unwrap().success(), "{test} failed");
}

pub(crate) fn start_child(test: &str, board: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--quiet", "--ignored", "--exact", test])
        .env(CHILD_BOARD, board)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

/// In the child: the board to work on.
pub(crate) fn child_board() -> PathBuf {
    PathBuf::from(std::env::var_os(CHILD_BOARD).expect("the parent names a board"))
}

/// A board as the peer leaves it: in WAL mode, without marks, closed by the last one.
fn peer_board(path: &Path, more: &str) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    connection.execute_batch(schema::PEER_TABLES).unwrap();
    connection.execute_batch(schema::PEER_INDEXES).unwrap();
    connection.execute_batch(more).unwrap();
    connection.close().unwrap();
}

fn one<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> T {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn an_ordinary_open_leaves_no_lock_file_and_changes_nothing() {
    let home = Home::new();
    drop(create(&home.board(), &options()).unwrap());
    std::fs::remove_file(exists::beside(&home.board(), exists::INIT_LOCK)).unwrap();
    let before = std::fs::read(home.board()).unwrap();
    let opened = open(&home.board(), &options()).unwrap();
    assert_eq!(opened.origin, Origin::Current);
    assert_eq!(std::fs::read(home.board()).unwrap(), before);
    assert_eq!(home.names(), ["kanban.db", "kanban.db-shm", "kanban.db-wal"]);
}

#[test]
fn a_link_to_a_board_opens_the_board_itself() {
    let home = Home::new();
    drop(create(&home.board(), &options()).unwrap());
    let link = home.board().with_file_name("link.db");
    std::os::unix::fs::symlink(home.board(), &link).unwrap();
    let opened = open(&link, &options()).unwrap();
    assert_eq!(opened.identity.path(), home.board());
}

#[test]
fn a_board_that_lost_wal_mode_gets_it_back() {
    let home = Home::new();
    drop(create(&home.board(), &options()).unwrap());
    let plain = Connection::open(home.board()).unwrap();
    assert_eq!(one::<String>(&plain, "PRAGMA journal_mode = DELETE"), "delete");
    plain.close().unwrap();
    let opened = open(&home.board(), &options()).unwrap();
    assert_eq!(one::<String>(&opened.reader, "PRAGMA journal_mode"), "wal");
    assert_eq!(opened.origin, Origin::Current);
}
