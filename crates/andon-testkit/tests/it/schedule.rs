//! Schedules, a small part of what `cargo xtask torture schedule` does.

use andon_testkit::torture::crew::Job;
use andon_testkit::torture::schedule::{Setting, play, play_one};
use std::time::Duration;

/// A part that takes seconds; the release build of the checks plays thousands.
const SEEDS: u64 = 40;

#[test]
fn no_order_of_things_loses_or_doubles_anything() {
    let limit = Duration::from_secs(600);
    let job = Job { amount: SEEDS, limit, seed: 1, threads: 2 };
    let tally = play(job, Setting::default()).unwrap();
    assert!(tally.seeds >= SEEDS && tally.acknowledged > SEEDS, "{tally:?}");
    assert!(tally.switches > SEEDS * 10, "{tally:?}");
    assert!(tally.kills > 0 && tally.cancellations > 0 && tally.strikes > 0, "{tally:?}");
}

#[test]
fn a_seed_plays_the_same_schedule_again() {
    let play_it = |seed| play_one(seed, &Setting::default()).unwrap();
    for seed in 1..=8 {
        assert_eq!(play_it(seed), play_it(seed), "seed {seed}");
    }
    assert_ne!(play_it(1).hash, play_it(2).hash);
}

#[test]
fn pages_of_a_transaction_that_was_taken_back_and_are_written_late_are_found_out() {
    let limit = Duration::from_secs(600);
    let job = Job { amount: 100 * SEEDS, limit, seed: 1, threads: 2 };
    let failure = play(job, Setting { mistake: Some("vfs.late-pages"), ..Setting::default() });
    assert!(failure.is_err(), "{failure:?}");
}
