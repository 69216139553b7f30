//! The benches, one file each, in the order of the report.

mod burst;
mod create;
mod cycle;
mod latency;
mod list;
mod memory;
mod queues;
mod size;

use crate::error::TaskError;

use super::answer::{Rate, Times, failures, sync_of};
use super::figures::{Better, Line, Measured, Spread, Tally};
use super::lab::Lab;
use super::report::number;

/// One bench.
pub(super) struct Item {
    pub(super) name: &'static str,
    /// What is measured, for the report; no full stop.
    pub(super) about: &'static str,
    pub(super) run: fn(&Lab) -> Result<Measured, TaskError>,
}

#[rustfmt::skip] // One bench, one line.
pub(super) const ALL: &[Item] = &[
    Item { name: "burst", about: "processes that start together and create tasks on one board", run: burst::run },
    Item { name: "create", about: "one client creates tasks one by one", run: create::run },
    Item { name: "cycle1", about: "one client claims and completes tasks one by one", run: cycle::one_client },
    Item { name: "cycle64", about: "64 threads of one process claim and complete tasks on one open board", run: cycle::many_clients },
    Item { name: "queues", about: "a cycle of queues that are no boards, for scale: no dependencies, runs, events or leases", run: queues::run },
    Item { name: "size", about: "claiming and completing one task, and an idle tick, beside so many tasks that wait", run: size::run },
    Item { name: "latency", about: "from a task's commit by another process to its worker's first instruction, on an idle board", run: latency::run },
    Item { name: "list", about: "listing an empty board, as a whole process", run: list::run },
    Item { name: "memory", about: "resident memory of `andon up` on a full board, and of one runner with a sleeping worker", run: memory::run },
];

/// The row of a rate.
fn rate_line(figure: &str, tally: &Tally<Rate>) -> Line {
    Line {
        figure: figure.to_owned(),
        better: Better::Higher,
        who: tally.who.clone(),
        sync: sync(tally, |rate| &rate.sync),
        spread: Spread::of(tally.turns.iter().map(Rate::per_second)),
        remark: failures(&tally.turns),
    }
}

/// The sync modes that somebody reported in all turns.
fn sync<T>(tally: &Tally<T>, of: impl Fn(&T) -> &String) -> String {
    sync_of(tally.turns.iter().map(|turn| of(turn).as_str()))
}

/// The slow end of single calls, over all turns.
fn tail(turns: &[Times]) -> String {
    let worst = |of: fn(&Times) -> f64| {
        let milliseconds = turns.iter().map(|times| of(times) / 1e3);
        number(Spread::of(milliseconds).max)
    };
    let samples: u64 = turns.iter().map(|times| times.samples).sum();
    let (p99, max) = (worst(|times| times.p99_us), worst(|times| times.max_us));
    format!("p99 up to {p99} ms, slowest {max} ms, {samples} samples")
}
