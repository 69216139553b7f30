//! Who gets the right to dispatch.

use super::*;
use crate::file_lock::tests::look_for_a_moment;

#[test]
fn a_look_at_the_dispatch_lock_turns_no_dispatcher_away() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kanban.db.dispatch.lock");
    let looker = look_for_a_moment(&path);
    let taken = DispatchLock::try_take(&path).unwrap();
    assert!(taken.is_some());
    looker.join().unwrap();
    assert!(DispatchLock::try_take(&path).unwrap().is_none(), "a dispatcher does");
}
