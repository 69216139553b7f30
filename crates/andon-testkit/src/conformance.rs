//! What every store must do, through the public door alone. A bug found in one store becomes a case
//! here, so that no other store has it.

mod atomic;
mod claim;
mod due;
mod event;
mod filter;
mod idempotency;
mod lease;
mod link;
mod list_order;
mod op_replay;
mod pause;
mod queue;
mod run;
mod stats;
mod task;
mod watch;

use crate::fixture::{Board, Factory};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One claim about every store.
pub struct Case {
    /// The claim.
    pub name: &'static str,
    /// Fails where it does not hold.
    pub run: fn(&Board),
}

/// Lists functions as cases under their own names.
macro_rules! claims {
    ($($name:ident),* $(,)?) => {
        pub(super) const CASES: &[crate::conformance::Case] =
            &[$(crate::conformance::Case { name: stringify!($name), run: $name }),*];
    };
}
use claims;

/// Every case.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    let entities = [
        task::CASES,
        link::CASES,
        claim::CASES,
        lease::CASES,
        run::CASES,
        event::CASES,
        queue::CASES,
        due::CASES,
        idempotency::CASES,
        op_replay::CASES,
        atomic::CASES,
        list_order::CASES,
        filter::CASES,
        stats::CASES,
        pause::CASES,
        watch::CASES,
    ];
    entities.into_iter().flatten()
}

/// Runs every case on a board of its own, checks the invariants after each, and fails with the
/// names of all that failed.
pub fn exercise(factory: &Factory<'_>) {
    let failed: Vec<&str> = cases()
        .filter(|case| {
            let board = Board::new(factory);
            let run = AssertUnwindSafe(|| {
                (case.run)(&board);
                board.check();
            });
            catch_unwind(run).is_err()
        })
        .map(|case| case.name)
        .collect();
    assert!(failed.is_empty(), "cases that failed: {failed:#?}");
}
