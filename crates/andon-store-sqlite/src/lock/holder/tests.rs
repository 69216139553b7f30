//! The shapes of a line.

use super::*;

#[test]
fn a_holder_is_named_and_a_waiter_is_not() {
    let held = "7: FLOCK  ADVISORY  WRITE 4711 fe:00:131 0 EOF";
    let waits = "7: -> FLOCK  ADVISORY  WRITE 4712 fe:00:131 0 EOF";
    let lock = Lock { kind: "FLOCK", pid: 4711, file: "fe:00:131", first: "0" };
    assert_eq!(Lock::read(held), Some(lock));
    assert_eq!(Lock::read(waits), None);
}

#[test]
fn readers_and_processes_out_of_sight_are_not_named() {
    assert_eq!(Lock::read("8: POSIX  ADVISORY  READ 4711 fe:00:131 123 123"), None);
    assert_eq!(Lock::read("9: OFDLCK ADVISORY  WRITE -1 fe:00:131 128 128"), None);
}
