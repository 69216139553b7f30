//! The search finds what it is there to find, keeps it, and is the same each time.

use super::*;

/// More than it takes to find four bytes that are reached step by step.
const TIMES: u32 = 200_000;

const DEEP: Target = Target {
    name: "deep",
    examples: &[b"a"],
    words: &[],
    in_a_test: TIMES,
    make: || {
        Ok(Box::new(|input| {
            // Each right byte is told apart from the last one, as the branches of a reader are.
            let right = input.iter().zip(b"fuzz").take_while(|(one, other)| one == other).count();
            assert!(right < 4, "four right bytes");
            ["none", "one", "two", "three"][right].to_owned()
        }))
    },
};

#[test]
fn what_is_hidden_behind_four_right_bytes_is_found_kept_and_tried_first() {
    let corpus = tempfile::tempdir().unwrap();
    let failure = feed_from(&DEEP, 1, Until::Test, corpus.path()).unwrap_err().to_string();
    assert!(failure.contains("four right bytes") && failure.contains("b\"fuzz"), "{failure}");
    assert!(failure.contains("it is kept"), "{failure}");
    let again = feed_from(&DEEP, 2, Until::Times(0), corpus.path()).unwrap_err().to_string();
    assert!(again.contains("after 1 others"), "{again}");
}

#[test]
fn a_seed_makes_the_same_inputs_each_time_and_another_one_others() {
    let inputs = |seed| {
        let mut mutator = Mutator { draw: Draw::new(seed, "x"), words: &["word"] };
        (0..100).map(|_| mutator.input(&[b"example".to_vec()])).collect::<Vec<_>>()
    };
    assert_eq!(inputs(1), inputs(1));
    assert_ne!(inputs(1), inputs(2));
}

#[test]
fn answers_that_differ_in_numbers_and_quotations_are_one() {
    assert_eq!(shape("line 3: \"abc\" is no key"), shape("line 14: \"d\" is no key"));
    assert_ne!(shape("line 3: it is no key"), shape("line 3: it is no value"));
}
