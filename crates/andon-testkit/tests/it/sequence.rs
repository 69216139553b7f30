//! Random sequences on the model: every board that it can reach keeps the invariants.

use andon_core::policy::Policy;
use andon_core::time::Seconds;
use andon_store::mem::MemStore;
use andon_store::{Environment, Store};
use andon_testkit::sequence::{SEQUENCES, compare};
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
    let answers = compare(&model, &model, sequences().max(SEQUENCES));
    let missed: Vec<_> = MET.iter().filter(|answer| !answers.contains(*answer)).collect();
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
