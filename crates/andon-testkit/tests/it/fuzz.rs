//! Every reader is fed for a moment in every run of the tests; `cargo xtask torture fuzz` does it
//! for longer.

use andon_testkit::torture::fuzz::{Until, feed, targets};

/// The same inputs in every run of the tests. Other seeds are for longer runs.
const SEED: u64 = 20_261_125;

#[test]
fn whatever_reads_bytes_takes_any_and_keeps_its_promises() {
    for target in targets() {
        let fed = feed(target, SEED, Until::Test).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(fed.answers > 1, "{} gives one answer to everything", target.name);
    }
}
