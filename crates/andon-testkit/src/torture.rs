//! The engines that try to make a board lose something, each in a module of its own. `cargo xtask
//! torture NAME` runs one; a smaller run of each is part of the tests.

pub mod bench;
mod board_place;
pub mod broken;
pub mod cache;
pub mod chance;
pub mod crew;
pub mod faults;
pub mod fuzz;
pub mod history;
pub mod model;
pub mod opening;
pub mod options;
pub mod power;
pub mod real;
pub mod schedule;
mod sequence;
mod words;

/// An engine.
pub struct Engine {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Its options, as the usage shows them.
    pub options: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// Runs it: the figures for people, or the first thing that was lost, with all that it takes to
    /// see it again (a seed, an index).
    pub run: fn(&[String]) -> Result<String, Failure>,
}

/// Whatever ends a run; there is nobody to handle it, so it is only shown.
pub type Failure = Box<dyn std::error::Error>;

#[rustfmt::skip] // One engine, one line.
/// Every engine.
pub const ENGINES: &[Engine] = &[
    Engine { name: "faults", options: "[--points N | --seconds S | --nightly | --release | --mistakes] [--seed S] [--threads N]", about: "lets the disk, locks and memory fail at every operation", run: faults::run },
    Engine { name: "power", options: "[--images N | --seconds S | --nightly | --release | --mistakes] [--scenes commands,backup,restore,repair] [--seed S] [--threads N]", about: "cuts the power at every operation of the disk", run: power::run },
    Engine { name: "schedule", options: schedule::OPTIONS, about: "2-6 processes, one at a time, switched at every call; killed, robbed of locks and files", run: schedule::run },
    Engine { name: "model", options: model::OPTIONS, about: "all states of models of runs, files and opening", run: model::run },
    Engine { name: "broken", options: broken::OPTIONS, about: "files broken in every known way: noticed, never overwritten, repaired to the last readable row", run: broken::main },
    Engine { name: "opening", options: opening::OPTIONS, about: "crowds open one fresh board; a writer is stopped inside its write", run: opening::main },
    Engine { name: "fuzz", options: "[--seconds N] [--seed N] [--target NAME]", about: "bytes of any kind for everything that reads", run: fuzz::run },
    Engine { name: "sequence", options: sequence::OPTIONS, about: "random commands on model and SQLite, or beside the peer's writes", run: sequence::run },
    Engine { name: "real", options: real::engine::OPTIONS, about: "real processes, killed at random", run: real::engine::start },
    Engine { name: "versus", options: real::versus::OPTIONS, about: "the same strikes on the peer's board beside ours", run: real::versus::start },
];
