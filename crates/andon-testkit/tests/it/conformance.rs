//! The suite on the model.

use andon_store::Store;
use andon_store::mem::MemStore;
use andon_testkit::conformance;
use std::collections::BTreeSet;

#[test]
fn the_model_does_what_every_store_must_do() {
    conformance::exercise(&|environment| Box::new(MemStore::new(environment)) as Box<dyn Store>);
}

#[test]
fn cases_have_names_of_their_own() {
    let names: Vec<&str> = conformance::cases().map(|case| case.name).collect();
    let different: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(different.len(), names.len());
}
