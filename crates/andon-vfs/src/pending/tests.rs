//! What waits, and what does not.

use super::{PENDING_BYTES_MAX, Pending, Taken};

#[test]
fn writes_that_continue_each_other_are_one() {
    let mut pending = Pending::default();
    assert_eq!(pending.take(32, b"head"), Taken::Yes);
    assert_eq!(pending.take(36, b"page"), Taken::Yes);
    assert_eq!(pending.drain(), Some((32, b"headpage".to_vec())));
    assert_eq!(pending.drain(), None);
}

#[test]
fn a_write_elsewhere_waits_for_none() {
    let mut pending = Pending::default();
    assert_eq!(pending.take(100, b"later"), Taken::Yes);
    assert_eq!(pending.take(104, b"overlaps"), Taken::No);
    assert_eq!(pending.take(106, b"leaves a gap"), Taken::No);
    assert_eq!(pending.take(0, b"before"), Taken::No);
    assert_eq!(pending.drain(), Some((100, b"later".to_vec())));
}

#[test]
fn what_waits_is_bounded() {
    let mut pending = Pending::default();
    assert_eq!(pending.take(0, &vec![1; PENDING_BYTES_MAX]), Taken::Yes);
    let end = i64::try_from(PENDING_BYTES_MAX).unwrap();
    assert_eq!(pending.take(end, b"one more"), Taken::No);
}
