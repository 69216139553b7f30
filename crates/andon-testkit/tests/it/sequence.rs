//! Random sequences on the model: every board that it can reach keeps the invariants.

use andon_core::policy::Policy;
use andon_core::time::Seconds;
use andon_store::mem::MemStore;
use andon_store::{Environment, Store};
use andon_testkit::sequence::{BLOCK, SEQUENCES, STEPS_MAX, Seed, Step, compare, hunt, steps};
use proptest::test_runner::TestCaseError;
use std::sync::Arc;

fn model(environment: Environment) -> Box<dyn Store> {
    Box::new(MemStore::new(environment))
}

/// How many sequences; a longer hunt is asked for with `ANDON_SEQUENCES`.
fn sequences() -> u32 {
    let asked = std::env::var("ANDON_SEQUENCES").ok();
    asked.map_or(SEQUENCES, |count| count.parse().expect("ANDON_SEQUENCES is a number"))
}

/// Answers that a hunt must meet, or it has not been everywhere.
const MET: &[&str] = &[
    "already_stopping",
    "archived",
    "blocked",
    "claimed",
    "cooling_down",
    "created",
    "cycle",
    "done",
    "existing",
    "held_back",
    "not_expired",
    "nothing_to_do",
    "nothing_to_wait_for",
    "open_parents",
    "pause_set",
    "paused",
    "ready",
    "recorded",
    "running",
    "scheduled",
    "self_link",
    "stale_run",
    "still_ending",
    "stopping",
    "todo",
    "triage",
    "unchanged",
    "wrong_status",
];

#[test]
fn no_sequence_of_commands_breaks_an_invariant() {
    let answers = compare(&model, &model, sequences().max(SEQUENCES)).answers;
    let missed: Vec<_> = MET.iter().filter(|answer| !answers.contains_key(**answer)).collect();
    assert!(missed.is_empty(), "the sequences never met {missed:?}, only {answers:?}");
}

#[test]
#[should_panic(expected = "two stores differ")]
fn a_store_with_another_rule_is_told_from_the_model() {
    let patient = |mut environment: Environment| {
        let mut policy = Policy::default();
        policy.retry.crash.wait = Seconds(policy.retry.crash.wait.0 + 1);
        environment.policy = Arc::new(policy);
        model(environment)
    };
    compare(&model, &patient, SEQUENCES);
}

#[test]
fn a_block_is_the_same_in_every_run_and_no_other_one_and_a_failure_names_it() {
    let play = |block| {
        let each = |steps: Vec<Step>| Ok(vec![format!("{steps:?}")]);
        hunt(&steps(STEPS_MAX), BLOCK, Seed { hunt: 5, block }, each)
    };
    assert_eq!(play(3), play(3));
    assert_ne!(play(3), play(4));
    let wrong = |steps: Vec<Step>| match steps.len() {
        1..=40 => Ok(Vec::new()),
        long => Err(TestCaseError::fail(format!("{long} steps"))),
    };
    let failure = hunt(&steps(STEPS_MAX), BLOCK, Seed { hunt: 5, block: 3 }, wrong).unwrap_err();
    assert!(failure.starts_with("seed 5, block 3: "), "{failure}");
    assert!(failure.contains("41 steps"), "it is shrunk: {failure}");
}

#[test]
fn the_clock_is_set_back_in_some_sequences() {
    let seed = Seed { hunt: 0, block: 0 };
    let play = |steps: Vec<Step>| {
        let set_back = steps.iter().any(|step| step.seconds() < 0);
        Ok(vec![if set_back { "back" } else { "on" }.to_owned()])
    };
    let met = hunt(&steps(STEPS_MAX), SEQUENCES, seed, play).unwrap();
    assert!(met.answers.contains_key("back") && met.answers.contains_key("on"), "{met:?}");
}
