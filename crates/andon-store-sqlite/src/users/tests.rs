//! Who counts as a user of a board.

use super::*;
use crate::connect::{self, ConnectOptions, Role};
use crate::guard::Guard;
use crate::open::tests::{Home, child_board, options, start_child};
use std::time::Duration;

const DOING: &str = "replace the board";

fn reader(board: &Path) -> rusqlite::Connection {
    let options = ConnectOptions { busy: Duration::from_secs(5) };
    let reader = connect::connect(board, Role::Reader, &options).unwrap();
    let count = reader.query_row("SELECT count(*) FROM tasks", [], |row| row.get::<_, i64>(0));
    count.unwrap();
    reader
}

#[test]
fn a_board_that_nobody_has_open_is_unused_and_one_that_is_open_is_not() {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    require_unused(&home.board(), DOING).unwrap();
    let reader = reader(&home.board());
    let refused = require_unused(&home.board(), DOING).unwrap_err().to_string();
    let own = format!("process {}", own_pid());
    assert!(refused.contains(&own) && refused.contains("kanban.db"), "{refused}");
    drop(reader);
    require_unused(&home.board(), DOING).unwrap();
}

#[test]
fn a_guard_alone_uses_nothing() {
    let home = Home::new();
    let opened = crate::open::create(&home.board(), &options()).unwrap();
    Guard::hold(&opened.identity).unwrap();
    assert!(require_unused(&home.board(), DOING).is_err(), "it is open beside the guard");
    drop(opened);
    require_unused(&home.board(), DOING).unwrap();
}

#[test]
fn another_process_is_named_with_its_program() {
    let home = Home::new();
    drop(crate::open::create(&home.board(), &options()).unwrap());
    let mut child = start_child("users::tests::open_until_killed", &home.board());
    let refused = (0..2_000).find_map(|_| {
        std::thread::yield_now();
        let refused = require_unused(&home.board(), DOING).err();
        andon_faults::pause(Duration::from_millis(5));
        refused
    });
    let pid = child.id();
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = refused.unwrap().to_string();
    assert!(refused.contains(&format!("process {pid} (")), "{refused}");
    require_unused(&home.board(), DOING).unwrap();
}

#[test]
#[ignore = "the process of the test before"]
fn open_until_killed() {
    let _reader = reader(&child_board());
    loop {
        std::thread::park();
    }
}
