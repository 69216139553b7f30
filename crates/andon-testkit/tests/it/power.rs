//! Power cuts, a small part of what `cargo xtask torture power` does.

use andon_testkit::disk::Habits;
use andon_testkit::torture::crew::Job;
use andon_testkit::torture::power::{Scene, Wrong, cut};
use std::time::Duration;

/// A part that takes seconds; the release build of the checks makes hundreds of thousands.
const IMAGES: u64 = 3_000;

#[test]
fn no_power_cut_loses_or_halves_what_was_acknowledged() {
    let limit = Duration::from_secs(600);
    let tally =
        cut(Job { amount: IMAGES, limit, seed: 1, threads: 2 }, Scene::USUAL, None).unwrap();
    assert!(tally.images >= IMAGES, "{tally:?}");
    assert!(tally.compound >= tally.images / 20, "{tally:?}");
    assert!(tally.without_board > 0 && tally.adopted > 0, "{tally:?}");
}

#[test]
fn a_disk_that_lies_about_syncs_is_found_out() {
    let habits = Habits { lies_about_syncs: true, lies_about_names: false };
    let lying = Wrong { habits, ..Wrong::default() };
    let limit = Duration::from_secs(600);
    let failure =
        cut(Job { amount: IMAGES, limit, seed: 1, threads: 1 }, Scene::USUAL, Some(lying));
    assert!(failure.is_err(), "{failure:?}");
}

#[test]
fn no_power_cut_loses_a_board_that_is_backed_up_restored_or_repaired() {
    let scenes = [Scene::Backup, Scene::Restore, Scene::Repair];
    let limit = Duration::from_secs(600);
    let job = Job { amount: IMAGES_BESIDE, limit, seed: 0, threads: 2 };
    let tally = cut(job, &scenes, None).unwrap();
    assert!(tally.compound > 0 && tally.brought > 0, "{tally:?}");
    assert!(scenes.into_iter().all(|scene| tally.images_of[scene as usize] > 0), "{tally:?}");
}

/// One story of each scene.
const IMAGES_BESIDE: u64 = 500;

#[test]
fn an_old_log_that_goes_before_its_database_is_found_out() {
    let wrong = Wrong { mistake: Some("replace.log-first"), ..Wrong::default() };
    let limit = Duration::from_secs(600);
    let job = Job { amount: 10 * IMAGES, limit, seed: 1, threads: 2 };
    let failure = cut(job, &[Scene::Restore], Some(wrong));
    assert!(failure.is_err(), "{failure:?}");
}
