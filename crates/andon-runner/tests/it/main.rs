//! The runner's process layer, tried on real processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod identity;
mod limits;
mod output;
mod roles;
mod spawn;
mod tree;
