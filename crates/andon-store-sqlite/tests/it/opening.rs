//! Claims about a store as it is opened: what it tells, and what it holds where that is asked for.

use super::Boards;
use andon_core::policy::Policy;
use andon_proc::lock_table;
use andon_store_sqlite::{Guarding, Options, SqliteStore};
use andon_testkit::world::World;
use rusqlite::Connection;
use std::path::Path;

fn create(path: &Path, guard: Guarding) -> SqliteStore {
    let options = Options { guard, ..Options::default() };
    SqliteStore::create(path, options, World::new(Policy::default()).environment()).unwrap()
}

#[test]
fn a_board_is_guarded_where_that_is_asked_for_and_nowhere_else() {
    let boards = Boards::new();
    for (guard, outlives_the_store) in [(Guarding::Hold, true), (Guarding::None, false)] {
        let path = boards.next_path();
        drop(create(&path, guard));
        assert_eq!(!lock_table::of(&path).unwrap().is_empty(), outlives_the_store, "{guard:?}");
    }
}

#[test]
fn whoever_adopts_a_board_is_told_of_the_copy_of_what_it_was() {
    let boards = Boards::new();
    let path = boards.next_path();
    assert_eq!(create(&path, Guarding::None).copy_before_adoption(), None);
    // As after a dump that was read back in by another program.
    let plain = Connection::open(&path).unwrap();
    plain.execute_batch("PRAGMA application_id = 0; PRAGMA user_version = 0").unwrap();
    plain.close().unwrap();
    let adopted = create(&path, Guarding::None);
    let copy = adopted.copy_before_adoption().unwrap();
    assert!(copy.exists() && copy != path, "{}", copy.display());
    assert_eq!(create(&path, Guarding::None).copy_before_adoption(), None);
}
