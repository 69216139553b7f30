//! The dispatcher on a board in memory, with real processes in the place of runners.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod once;
mod reload;
mod serve;
mod stage;
mod starting;
mod supervise;
mod trouble;
