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
