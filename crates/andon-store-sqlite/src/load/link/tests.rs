//! The search for circles, and what it costs on chains short and long.

use super::super::tests::{board, counted};
use super::*;
use rusqlite::Connection;

fn id(number: u32) -> TaskId {
    TaskId::parse(&format!("t_{number:08x}")).unwrap()
}

/// A board on which each of so many tasks waits for the one before it, the first has number 1.
fn chain(length: u32) -> Connection {
    let db = board();
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
               INSERT INTO task_links (parent_id, child_id)
               SELECT printf('t_%08x', i), printf('t_%08x', i + 1) FROM n";
    db.execute(sql, [length - 1]).unwrap();
    db
}

/// What stands between two tasks, and how many steps SQLite took to say so.
fn asked(db: &mut Connection, parent: u32, child: u32) -> (LinkState, u64) {
    counted(db, |statements| state(statements, &id(parent), &id(child)).unwrap())
}

#[test]
fn b39_a_link_costs_what_its_smaller_side_costs_however_much_hangs_on_the_other() {
    let (mut small, mut large) = (chain(20), chain(20_000));
    // A new task before the first, the last before a new task, and the last but two before it.
    for (parent, child) in [(0, 1), (0, 2)] {
        let (state, few) = asked(&mut small, parent, child);
        assert_eq!((state, few), asked(&mut large, parent, child));
        assert_eq!(state, LinkState::Absent);
        assert!(few > 0);
    }
    for (parent, child) in [(20, 0), (18, 0)] {
        let (_, few) = asked(&mut small, parent, child);
        let (state, many) = asked(&mut large, parent * 1_000, child);
        assert_eq!((state, many), (LinkState::Absent, few));
    }
}

#[test]
fn a_circle_is_found_from_either_end() {
    let mut db = chain(50);
    for (parent, child) in [(50, 1), (2, 1), (50, 49), (30, 20), (7, 7)] {
        assert_eq!(asked(&mut db, parent, child).0, LinkState::WouldCycle, "{parent} -> {child}");
    }
    assert_eq!(asked(&mut db, 1, 2).0, LinkState::Present);
    for (parent, child) in [(1, 50), (1, 3), (20, 30)] {
        assert_eq!(asked(&mut db, parent, child).0, LinkState::Absent, "{parent} -> {child}");
    }
}

#[test]
fn a_circle_that_is_there_already_ends_no_search_late() {
    let mut db = chain(10);
    let close = "INSERT INTO task_links (parent_id, child_id) VALUES ('t_0000000a', 't_00000001')";
    db.execute(close, []).unwrap();
    assert_eq!(asked(&mut db, 0, 5).0, LinkState::Absent);
    assert_eq!(asked(&mut db, 5, 0).0, LinkState::Absent);
    assert_eq!(asked(&mut db, 9, 3).0, LinkState::WouldCycle);
}
