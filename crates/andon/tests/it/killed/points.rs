//! Dispatchers and runners that die at named points: between two steps that chance seldom parts.

use super::{Campaign, STUCK};
use crate::processes::{self, Up, eventually};

/// Enough for each point to be reached again while others are at work.
const TASKS: usize = 5;

/// Lets processes die at a point, so many of them; then everything is done, once and by one worker
/// at a time. Answers how often workers worked.
fn struck_at(fault: &str, deaths: usize) -> usize {
    let campaign = Campaign::of(TASKS, 0);
    let mut up = Up::doomed(&campaign.env, &["--once-empty"], fault);
    let struck = || (campaign.env.faults().len() >= deaths).then_some(());
    let why = || format!("{fault} was not reached:\n{}", processes::log(&campaign.env));
    eventually(STUCK, struck).unwrap_or_else(|| panic!("{}", why()));
    up.kill_and_restart();
    campaign.finish(&mut up);
    campaign.histories().values().map(|(_, lives)| lives.len()).sum()
}

#[test]
fn a_dispatcher_that_dies_between_the_claim_and_the_runner_leaves_nothing_undone() {
    // Nothing had begun, so nothing is repeated.
    assert_eq!(struck_at("dispatcher.claimed=kill@2", 1), TASKS);
}

#[test]
fn a_dispatcher_that_dies_once_the_runner_is_there_leaves_its_worker_alone() {
    assert_eq!(struck_at("dispatcher.spawned=kill@2", 1), TASKS);
}

#[test]
fn a_runner_that_dies_between_the_claim_and_its_registration_has_started_nothing() {
    assert_eq!(struck_at("runner.prepared=kill", 3), TASKS);
}

#[test]
fn a_runner_that_dies_once_it_is_registered_has_started_nothing() {
    assert_eq!(struck_at("runner.registered=kill", 3), TASKS);
}

#[test]
fn a_runner_that_dies_as_its_worker_begins_takes_it_along() {
    struck_at("runner.released=kill", 3);
}

#[test]
fn a_runner_that_dies_between_its_workers_end_and_the_record_of_it_leaves_a_task_to_be_repeated() {
    assert!(struck_at("runner.worker-ended=kill", 3) > TASKS);
}

#[test]
fn a_runner_that_dies_when_its_tree_is_gone_leaves_a_task_to_be_repeated() {
    assert!(struck_at("runner.tree-gone=kill", 3) > TASKS);
}
