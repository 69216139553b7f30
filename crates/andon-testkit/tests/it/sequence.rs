//! Random sequences on the model: every board that it can reach keeps the invariants.

use andon_store::mem::MemStore;
use andon_store::{Environment, Store};
use andon_testkit::sequence::{SEQUENCES, compare};

fn model(environment: Environment) -> Box<dyn Store> {
    Box::new(MemStore::new(environment))
}

/// How many sequences; a longer hunt is asked for with `ANDON_SEQUENCES`.
fn sequences() -> u32 {
    let asked = std::env::var("ANDON_SEQUENCES").ok();
    asked.map_or(SEQUENCES, |count| count.parse().expect("ANDON_SEQUENCES is a number"))
}

#[test]
fn no_sequence_of_commands_breaks_an_invariant() {
    compare(&model, &model, sequences());
}
