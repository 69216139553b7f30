//! Random choices that a seed repeats.

use std::time::{Duration, UNIX_EPOCH};

/// Longest time between what a strike waits for and the strike: about as long as a start takes, so
/// that each of its steps is hit at times.
const DELAY_MAX_US: u64 = 60_000;

/// When to strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// After so many workers have begun.
    pub(super) begun: usize,
    /// And so much later.
    pub(super) delay: Duration,
}

/// The next numbers of a seed (SplitMix64).
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A place in a list of `len` things.
    pub(super) fn place(&mut self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).unwrap())).unwrap()
    }

    /// So many moments in the life of a board of `tasks`, in order. The last tasks are spared, so
    /// that there is always something to strike.
    pub(super) fn moments(&mut self, count: usize, tasks: usize) -> Vec<Moment> {
        let mut moments: Vec<Moment> = (0..count)
            .map(|_| Moment {
                begun: self.place(tasks - tasks / 10),
                delay: Duration::from_micros(self.below(DELAY_MAX_US)),
            })
            .collect();
        moments.sort_by_key(|moment| moment.begun);
        moments
    }
}

/// The seed of this test: `ANDON_SEED`, or a new one.
pub(super) fn seed() -> u64 {
    let given = std::env::var("ANDON_SEED").ok();
    given.map_or_else(
        || UNIX_EPOCH.elapsed().map_or(0, |since: Duration| u64::from(since.subsec_nanos())),
        |text| text.parse().unwrap(),
    )
}

#[test]
fn the_same_seed_makes_the_same_choice() {
    let choice = |seed| Dice::new(seed).moments(20, 40);
    assert_eq!(choice(7), choice(7));
    assert_ne!(choice(7), choice(8));
}
