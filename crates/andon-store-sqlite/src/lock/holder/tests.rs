//! The two shapes of a line.

use super::*;

#[test]
fn a_holder_is_named_and_a_waiter_is_not() {
    let held = "7: FLOCK  ADVISORY  WRITE 4711 fe:00:131 0 EOF";
    let waits = "7: -> FLOCK  ADVISORY  WRITE 4712 fe:00:131 0 EOF";
    assert_eq!(pid_of_holder(held, "fe:00:131"), Some(4711));
    assert_eq!(pid_of_holder(waits, "fe:00:131"), None);
    assert_eq!(pid_of_holder(held, "fe:00:132"), None);
}
