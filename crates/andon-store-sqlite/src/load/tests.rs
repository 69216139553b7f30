//! What loading costs where much hangs on a task: counted in steps of SQLite, not in time.

use super::*;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A database with the peer's tables and indexes.
pub(super) fn board() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(crate::schema::PEER_TABLES).unwrap();
    db.execute_batch(crate::schema::PEER_INDEXES).unwrap();
    db
}

/// Does something, and says how many steps SQLite took.
pub(super) fn counted<T>(db: &mut Connection, work: impl FnOnce(&Statements<'_>) -> T) -> (T, u64) {
    let count = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&count);
    let step = move || {
        seen.fetch_add(1, Ordering::Relaxed);
        false
    };
    db.progress_handler(1, Some(step)).unwrap();
    let done = work(&Statements::of(db));
    db.progress_handler(0, None::<fn() -> bool>).unwrap();
    (done, count.load(Ordering::Relaxed))
}

/// A task that joins so many, of which the first half is done; and what loading the children of the
/// one in the middle costs.
fn in_the_middle_of(parents: u32) -> (Vec<Child>, u64) {
    let mut db = board();
    let tasks = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                 INSERT INTO tasks (id, title, status, created_at)
                 SELECT printf('t_%08x', i), 'x',
                        CASE WHEN i = 0 THEN 'todo' WHEN i <= ?1 / 2 THEN 'done' ELSE 'ready' END, i
                 FROM n";
    db.execute(tasks, [parents]).unwrap();
    let links = "INSERT INTO task_links (parent_id, child_id)
                 SELECT id, 't_00000000' FROM tasks WHERE status <> 'todo' ORDER BY created_at";
    db.execute(links, []).unwrap();
    let middle = TaskId::parse(&format!("t_{:08x}", parents / 2 + 1)).unwrap();
    counted(&mut db, |statements| children(statements, &middle).unwrap())
}

#[test]
fn a_task_that_joins_thousands_costs_each_of_them_as_much_as_one_that_joins_ten() {
    let (few, steps) = in_the_middle_of(10);
    assert!(matches!(few[..], [Child { others: OtherParents::SomeOpen, .. }]), "{few:?}");
    assert!(steps > 0);
    assert_eq!(in_the_middle_of(5_000), (few, steps));
}
