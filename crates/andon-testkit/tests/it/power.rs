//! Power cuts, a small part of what `cargo xtask torture power` does.

use andon_testkit::disk::Habits;
use andon_testkit::torture::crew::Job;
use andon_testkit::torture::power::{Wrong, cut};
use std::time::Duration;

/// A part that takes seconds; the release build of the checks makes hundreds of thousands.
const IMAGES: u64 = 3_000;

#[test]
fn no_power_cut_loses_or_halves_what_was_acknowledged() {
    let limit = Duration::from_secs(600);
    let tally = cut(Job { amount: IMAGES, limit, seed: 1, threads: 2 }, None).unwrap();
    assert!(tally.images >= IMAGES, "{tally:?}");
    assert!(tally.compound >= tally.images / 20, "{tally:?}");
    assert!(tally.without_board > 0 && tally.adopted > 0, "{tally:?}");
}

#[test]
fn a_disk_that_lies_about_syncs_is_found_out() {
    let habits = Habits { lies_about_syncs: true, lies_about_names: false };
    let lying = Wrong { habits, ..Wrong::default() };
    let limit = Duration::from_secs(600);
    let failure = cut(Job { amount: IMAGES, limit, seed: 1, threads: 1 }, Some(lying));
    assert!(failure.is_err(), "{failure:?}");
}
