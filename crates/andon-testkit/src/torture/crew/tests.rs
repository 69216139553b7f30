//! Which seeds a crew works on.

use super::*;
use std::sync::{Mutex, PoisonError};

/// The seeds that a crew worked on, in order, each of them counting for a hundred.
fn worked(amount: u64, past: &[u64], threads: usize) -> Vec<u64> {
    let job = Job { amount, limit: Duration::from_secs(60), seed: 7, threads };
    let seeds = Mutex::new(Vec::new());
    let piece = |_: &mut (), seed| {
        seeds.lock().unwrap_or_else(PoisonError::into_inner).push(seed);
        Ok(100)
    };
    work(job, past, || Ok(()), piece).expect("nothing fails");
    let mut seeds = seeds.into_inner().unwrap_or_else(PoisonError::into_inner);
    seeds.sort_unstable();
    seeds
}

#[test]
fn every_seed_of_the_past_is_run_even_where_fewer_are_enough() {
    assert_eq!(worked(1, &[1, 2, 3], 1), [1, 2, 3]);
    assert_eq!(worked(1, &[1, 2, 3], 2), [1, 2, 3]);
    assert_eq!(worked(350, &[1, 2, 3], 1), [1, 2, 3, 7]);
}

#[test]
fn without_a_past_seeds_follow_each_other_until_there_is_enough() {
    assert_eq!(worked(250, &[], 1), [7, 8, 9]);
}

#[test]
fn the_first_failure_ends_the_work_and_names_its_seed() {
    let job = Job { amount: 1_000, limit: Duration::from_secs(60), seed: 7, threads: 1 };
    let piece = |_: &mut (), seed| if seed == 9 { Err("lost".into()) } else { Ok(1) };
    let failure = work(job, &[], || Ok(()), piece).expect_err("one seed fails");
    assert_eq!(failure.to_string(), "seed 9: lost");
}
