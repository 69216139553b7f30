//! How many places for workers there are, and who takes one up beside the runs that are open:
//! workers that have reported their end and still run.

use super::lost::LINGERING_MAX;
use crate::config::Config;
use crate::profile::Profiles;
use andon_core::policy::admission::Limits;
use andon_core::process::Process;
use andon_core::run::Run;
use andon_runner::identity::Liveness;
use andon_store::{Read, StoreError};
use std::num::NonZeroU32;

/// The limits of a board: its own, and those of profiles.
pub fn limits(config: &Config, profiles: &Profiles) -> Limits {
    let number = |limit: NonZeroU32| usize::try_from(limit.get()).unwrap_or(usize::MAX);
    Limits {
        in_progress: config.max_in_progress.map(number),
        per_profile: config.max_in_progress_per_profile.map(number),
        own: profiles.concurrency(),
    }
}

/// Runs that are closed and whose processes are not gone from this host. Call it after the open
/// runs are read: a run that ends in between is then among both, and not among neither.
pub fn lingering(
    board: &dyn Read,
    liveness: &dyn Fn(&Process) -> Liveness,
) -> Result<Vec<Run>, StoreError> {
    let mut runs = board.run_lingering_list(LINGERING_MAX)?;
    runs.retain(|run| is_here(run, liveness));
    Ok(runs)
}

fn is_here(run: &Run, liveness: &dyn Fn(&Process) -> Liveness) -> bool {
    let runner = run.keeper.as_ref().and_then(|keeper| keeper.runner.as_ref());
    match runner.map(liveness) {
        Some(Liveness::Alive | Liveness::Gone) => true,
        // Of these nobody here may ever learn that they are gone, and a place must not be lost for
        // ever.
        Some(Liveness::ForeignHost | Liveness::OtherBoot) | None => false,
    }
}

#[cfg(test)]
mod tests;
