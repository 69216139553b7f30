//! Databases in a simulated world, and beside one.

mod shelf;

use andon_sim_vfs::{Code, Entered, allocations_fail, code, enter, mount, pages};
use rusqlite::{Connection, ErrorCode};
use shelf::Shelf;
use std::path::Path;
use std::sync::Arc;

const HERE: &str = "/simulated";

fn world(name: &str) -> (String, Arc<Shelf>, andon_sim_vfs::Mount, Entered) {
    let at = format!("{HERE}/{name}");
    let shelf = Arc::new(Shelf::default());
    let mounted = mount(Path::new(&at), Arc::<Shelf>::clone(&shelf)).expect("SQLite is not in use");
    (format!("{at}/db"), Arc::clone(&shelf), mounted, enter(shelf))
}

fn open(path: &str) -> Connection {
    let db = Connection::open(path).expect("the world makes files");
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, x TEXT)",
    )
    .expect("a new database takes settings");
    db
}

fn add(db: &Connection) -> rusqlite::Result<usize> {
    db.execute("INSERT INTO t (x) VALUES ('a row')", [])
}

fn count(db: &Connection) -> u32 {
    db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("the table is there")
}

#[test]
fn connections_to_one_world_see_each_others_commits() {
    let (path, _shelf, _mounted, _here) = world("shared");
    let (one, other) = (open(&path), open(&path));
    for round in 1..=20 {
        add(if round % 3 == 0 { &one } else { &other }).unwrap();
        assert_eq!((count(&one), count(&other)), (round, round));
    }
    one.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert_eq!(count(&other), 20);
    assert!(!Path::new(&path).exists());
}

#[test]
fn the_product_interface_builds_on_the_world() {
    let (path, shelf, _mounted, _here) = world("collected");
    drop(open(&path));
    let vfs = collecting();
    let db = Connection::open_with_flags_and_vfs(&path, Default::default(), vfs).unwrap();
    let before = shelf.writes();
    add(&db).unwrap();
    assert!(shelf.writes() > before);
    assert_eq!(count(&open(&path)), 1);
}

/// The name under which the product opens a board.
fn collecting() -> &'static std::ffi::CStr {
    andon_vfs::collecting().expect("SQLite takes the interface")
}

#[test]
fn what_the_world_refuses_reaches_the_caller() {
    let (path, shelf, _mounted, _here) = world("refusing");
    let db = open(&path);
    let refuse = |with: Option<Code>| shelf.refuse_syncs(with);
    refuse(Some(code::SQLITE_IOERR_FSYNC));
    let error = add(&db).expect_err("the sync fails");
    assert_eq!(error.sqlite_error().map(|e| e.extended_code), Some(code::SQLITE_IOERR_FSYNC));
    refuse(None);
    add(&db).unwrap();
}

#[test]
fn memory_runs_out_where_it_was_planned() {
    let (path, _shelf, _mounted, _here) = world("memory");
    let db = open(&path);
    allocations_fail(1, 1);
    let error = add(&db).expect_err("there is no memory");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OutOfMemory));
    assert!(allocations_fail(0, 0).refused > 0);
    add(&db).unwrap();
}

#[test]
fn pages_are_those_that_a_reader_sees() {
    let (path, _shelf, _mounted, _here) = world("pages");
    let db = open(&path);
    let seen = |db: &Connection| pages(db, <[u8]>::to_vec).expect("the pages can be read");
    let before = seen(&db);
    add(&db).unwrap();
    let after = seen(&db);
    assert_eq!(before.len(), after.len());
    assert_ne!(before, after);
    assert_eq!(after, seen(&open(&path)));
}

#[test]
fn files_beside_the_worlds_are_the_systems() {
    let (_path, _shelf, _mounted, _here) = world("beside");
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("db");
    let db = open(path.to_str().unwrap());
    add(&db).unwrap();
    assert!(path.exists());
}

#[test]
fn nothing_is_mapped_and_that_can_be_read_back() {
    let (path, _shelf, _mounted, _here) = world("mapped");
    let db = open(&path);
    let mapped: i64 = db.query_row("PRAGMA mmap_size = 65536", [], |row| row.get(0)).unwrap();
    assert_eq!(mapped, 0);
}
