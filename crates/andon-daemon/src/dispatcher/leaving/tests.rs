//! When a wish to stop is fulfilled.

use super::*;

#[test]
fn only_who_does_not_wait_for_workers_has_a_time_to_look() {
    let (mut leaving, now) = (Leaving::default(), Instant::now());
    assert_eq!(leaving.look_at(Some(Stop::Leave)), None, "not noted yet");
    leaving.note(now);
    leaving.note(now + LEAVE_WAIT);
    assert_eq!(leaving.look_at(Some(Stop::Leave)), Some(now + LEAVE_WAIT));
    // After it the time would lie behind for as long as a worker takes, and wake at once.
    assert_eq!(leaving.look_at(Some(Stop::Drain)), None);
    assert_eq!(leaving.look_at(None), None);
}
