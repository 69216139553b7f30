//! The shapes of a line, and a lock that is held while others come and go.

use super::*;
use rustix::fs::{FlockOperation, flock};
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_holder_is_read_and_a_waiter_is_not() {
    let held = parse("7: FLOCK  ADVISORY  WRITE 4711 fe:0a:131 0 EOF").unwrap();
    assert_eq!((held.kind, held.mode, held.pid), (Kind::Flock, Mode::Write, Some(4711)));
    assert_eq!((held.device, held.inode, held.first), ((0xfe, 0x0a), 131, 0));
    assert_eq!(parse("7: -> FLOCK  ADVISORY  WRITE 4712 fe:00:131 0 EOF"), None);
}

#[test]
fn ranges_are_read_and_holders_out_of_sight_have_no_number() {
    let open_file = parse("9: OFDLCK ADVISORY  READ -1 fe:00:131 128 128").unwrap();
    assert_eq!((open_file.kind, open_file.pid, open_file.first), (Kind::OpenFile, None, 128));
    assert!(open_file.covers(128) && !open_file.covers(127) && !open_file.covers(129));
    let whole = parse("7: FLOCK  ADVISORY  WRITE 4711 fe:0a:131 0 EOF").unwrap();
    assert!(whole.covers(0) && whole.covers(u64::MAX));
    let hidden = parse("8: POSIX  ADVISORY  WRITE 0 fe:00:131 120 120").unwrap();
    assert_eq!((hidden.kind, hidden.mode, hidden.pid), (Kind::Posix, Mode::Write, None));
}

/// Locks that come and go before it in the kernel's list make single readings miss it.
#[test]
fn a_lock_that_is_held_is_found_while_others_come_and_go() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("held");
    let held = File::create(&path).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for number in 0..2 {
            let name = directory.path().join(format!("other-{number}"));
            let over = &over;
            scope.spawn(move || {
                let other = File::create(name).unwrap();
                while !over.load(Ordering::Relaxed) {
                    flock(&other, FlockOperation::LockExclusive).unwrap();
                    flock(&other, FlockOperation::Unlock).unwrap();
                }
            });
        }
        let missed = (0..2_000).filter(|_| flock_holder(&path).is_none()).count();
        over.store(true, Ordering::Relaxed);
        assert_eq!(missed, 0, "a lock that was held was not seen");
    });
}
