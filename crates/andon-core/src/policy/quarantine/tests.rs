//! Waits grow, and do not grow for ever.

use super::*;

#[test]
fn the_wait_doubles_and_is_capped() {
    for random in [0, 7, u32::MAX] {
        assert!((27..=33).contains(&wait(1, random).0));
        assert!((54..=66).contains(&wait(2, random).0));
        assert!((1_620..=1_980).contains(&wait(60, random).0));
    }
}

#[test]
fn the_wait_is_spread_by_a_tenth_either_way() {
    let waits = |nth, randoms: [u32; 4]| randoms.map(|random| wait(nth, random).0);
    assert_eq!(waits(1, [0, 3, 6, 7]), [27, 30, 33, 27]);
    assert_eq!(waits(60, [0, 180, 360, 361]), [1_620, 1_800, 1_980, 1_620]);
}
