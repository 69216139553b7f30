//! How many workers run and how many may, and the task's place in line.

use super::facts::ProfileState;
use crate::error::CliError;
use crate::target::Board;
use andon_core::id::Assignee;
use andon_core::run::Run;
use andon_core::task::Task;
use andon_core::time::Timestamp;
use andon_daemon::config::Config;
use andon_daemon::dispatcher::places;
use andon_daemon::profile::{Action, Profiles};
use andon_runner::identity::Host;
use andon_store::QueueEntry;
use std::cmp::Reverse;

/// Tasks of each queue that are looked at to tell a task's place; a place beyond is not told.
const QUEUE_LOOK_MAX: usize = 1_000;

/// Room for one more worker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Capacity {
    /// Runs on the board.
    pub(super) running: usize,
    pub(super) limit: Option<usize>,
    /// Runs of the profile.
    pub(super) of_profile: usize,
    pub(super) profile_limit: Option<usize>,
    /// Place among those that may start, from 1.
    pub(super) place: Option<usize>,
}

/// Counts who runs and who may.
pub(super) fn gather(
    board: &Board,
    (task, profile): (&Task, &ProfileState),
    (config, profiles): (&Config, &Profiles),
    now: Timestamp,
) -> Result<Capacity, CliError> {
    let ProfileState::Startable(name) = profile else { return Ok(Capacity::default()) };
    let limits = places::limits(config, profiles);
    let open = board.store.run_open_list()?;
    let lingering = lingering(board)?;
    let heads = board.store.queue_heads(now, QUEUE_LOOK_MAX)?;
    let of_profile = |run: &&Run| run.profile.as_deref() == Some(name.as_str());
    let lingering_of_profile = lingering.iter().filter(of_profile).count();
    let open_of_profile = open.iter().filter(|row| row.assignee.as_ref() == Some(name)).count();
    Ok(Capacity {
        running: open.len() + lingering.len(),
        limit: limits.in_progress,
        of_profile: open_of_profile + lingering_of_profile,
        profile_limit: limits.of(name),
        place: place(&heads, task, |name| {
            let action = profiles.get(name).map(|profile| &profile.action);
            matches!(action, Some(Action::Start(_)))
        }),
    })
}

/// Workers that have reported their end and still run: they keep their place.
fn lingering(board: &Board) -> Result<Vec<Run>, CliError> {
    let Ok(host) = Host::read() else { return Ok(Vec::new()) };
    Ok(places::lingering(board.store.as_ref(), &|process| host.liveness(process))?)
}

/// The task's place in the fair order: priority, then age, then id.
fn place(heads: &[QueueEntry], task: &Task, starts: impl Fn(&Assignee) -> bool) -> Option<usize> {
    let is_listed = heads.iter().any(|head| head.task == task.id);
    let own = (Reverse(task.priority), task.created_at, &task.id);
    let before = |head: &&QueueEntry| {
        (Reverse(head.priority), head.created_at, &head.task) < own
            && head.assignee.as_ref().is_some_and(&starts)
    };
    is_listed.then(|| heads.iter().filter(before).count() + 1)
}

#[cfg(test)]
mod tests;
