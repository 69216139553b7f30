//! One worker's keeper: spawn, process tree, output, limits, lease, exit.
//!
//! A runner is a small process that starts exactly one worker and outlives it. It is started by a
//! dispatcher but does not know it: what it needs comes in a [`spec::RunSpec`], what it learns goes
//! through the store. Linux only; no Tokio, one thread beside the main one.

pub mod cgroup;
pub mod exit;
pub mod identity;
pub mod keeper;
pub mod limits;
pub mod output;
pub mod settings;
pub mod signals;
pub mod spawn;
pub mod spec;
pub mod stub;
pub mod tree;
pub mod wait;

pub use keeper::{KeepError, Prepared, keep, prepare};
pub use settings::BoardSettings;
pub use spec::{RUNNER_VERB, RunSpec};
pub use stub::{STUB_VERB, stub_main};
