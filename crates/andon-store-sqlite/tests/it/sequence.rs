//! Random commands on the model and on SQLite, compared step by step.

use super::Boards;
use andon_store::mem::MemStore;
use andon_store::{Environment, Store};
use andon_testkit::sequence::{SEQUENCES, compare};

/// How many sequences; a longer hunt is asked for with `ANDON_SEQUENCES`.
fn sequences() -> u32 {
    let asked = std::env::var("ANDON_SEQUENCES").ok();
    asked.map_or(SEQUENCES, |count| count.parse().expect("ANDON_SEQUENCES is a number"))
}

#[test]
fn sqlite_and_the_model_agree_after_every_step() {
    let boards = Boards::new();
    let model =
        |environment: Environment| -> Box<dyn Store> { Box::new(MemStore::new(environment)) };
    compare(&model, &|environment| boards.create(environment), sequences());
}
