//! Who looks turns nobody away; who holds the lock does.

use super::*;
use std::cell::Cell;
use std::thread::JoinHandle;

/// How long a look takes that a test does not end by itself: long enough to be met, and far below
/// the wait for it.
const LOOK: Duration = Duration::from_millis(10);

fn looker(path: &Path) -> File {
    let file = private::open_lock(path).unwrap();
    flock(&file, FlockOperation::NonBlockingLockShared).unwrap();
    file
}

/// Somebody who looks at a lock for a moment.
pub(crate) fn look_for_a_moment(path: &Path) -> JoinHandle<()> {
    let looking = looker(path);
    std::thread::spawn(move || {
        std::thread::park_timeout(LOOK);
        drop(looking);
    })
}

#[test]
fn a_lock_that_is_only_looked_at_is_taken_once_the_look_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let looking = Cell::new(Some(looker(&path)));
    let taken = take_pausing(&path, LOOKERS_WAIT_MAX, |_| drop(looking.take())).unwrap();
    assert!(matches!(taken, Turn::Taken(_)), "{taken:?}");
}

#[test]
fn a_lock_that_stays_held_is_refused_within_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let held = take(&path, Duration::ZERO).unwrap();
    let waited = Cell::new(0);
    let refused = take_pausing(&path, LOOKERS_WAIT_MAX, |_| waited.set(waited.get() + 1)).unwrap();
    assert!(matches!((held, refused), (Turn::Taken(_), Turn::Refused(_))));
    assert!(waited.get() > 0);
}
