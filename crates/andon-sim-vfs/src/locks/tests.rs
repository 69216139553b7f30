//! Locks as SQLite knows them, and their loss.

use super::{FileLocks, Held, Owner};
use crate::world::{Level, Locking};

const ONE: Owner = Owner { process: 1, handle: 1 };
const OTHER: Owner = Owner { process: 2, handle: 2 };

#[test]
fn readers_share_and_a_writer_waits_for_them() {
    let mut locks = FileLocks::default();
    locks.lock(ONE, Level::Shared).unwrap();
    locks.lock(OTHER, Level::Shared).unwrap();
    assert_eq!(locks.lock(ONE, Level::Exclusive), Err(Held));
    assert_eq!(locks.level(ONE), Level::Pending);
    locks.unlock(OTHER, Level::None);
    assert_eq!(locks.lock(OTHER, Level::Shared), Err(Held));
    assert_eq!(locks.lock(ONE, Level::Exclusive), Ok(()));
}

#[test]
fn only_one_may_intend_to_write() {
    let mut locks = FileLocks::default();
    locks.lock(ONE, Level::Reserved).unwrap();
    assert!(locks.is_reserved());
    assert_eq!(locks.lock(OTHER, Level::Reserved), Err(Held));
    assert_eq!(locks.lock(OTHER, Level::Shared), Ok(()));
}

#[test]
fn slots_are_locked_all_or_none() {
    let mut locks = FileLocks::default();
    locks.lock_slots(OTHER, 3..4, Locking::Shared).unwrap();
    assert_eq!(locks.lock_slots(ONE, 0..8, Locking::Exclusive), Err(Held));
    assert_eq!(locks.lock_slots(OTHER, 0..1, Locking::Exclusive), Ok(()));
    assert_eq!(locks.lock_slots(ONE, 3..4, Locking::Shared), Ok(()));
    locks.unlock_slots(ONE, 3..4);
    locks.forget(OTHER);
    assert_eq!(locks.lock_slots(ONE, 0..8, Locking::Exclusive), Ok(()));
}

#[test]
fn a_process_whose_locks_are_cancelled_stands_in_nobodys_way() {
    let mut locks = FileLocks::default();
    locks.lock(ONE, Level::Shared).unwrap();
    locks.lock_slots(ONE, 0..1, Locking::Exclusive).unwrap();
    locks.cancel(ONE.process);
    assert_eq!(locks.lock(OTHER, Level::Exclusive), Ok(()));
    assert_eq!(locks.lock_slots(OTHER, 0..8, Locking::Exclusive), Ok(()));
}
