//! The runner's process layer, tried on real processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod board;
mod identity;
mod keeper;
mod limits;
mod output;
mod roles;
mod rules;
mod scene;
mod signals;
mod spawn;
mod tree;
