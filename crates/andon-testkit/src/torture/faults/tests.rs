//! The seeds of the past are what they are kept for.

use super::scene::Action;
use super::*;

fn begins(seed: u64) -> Option<Action> {
    let bench = Bench::new("past", Habits::default()).unwrap();
    scene::scenes(&bench, seed).unwrap().into_iter().next().map(|scene| scene.action)
}

#[test]
fn boards_are_made_and_adopted_in_the_seeds_of_the_past() {
    let begun: Vec<Option<Action>> = PAST.iter().map(|seed| begins(*seed)).collect();
    assert!(matches!(begun[..], [Some(Action::Adopt), Some(Action::Create), _]), "{begun:?}");
}

/// Scenes for an unoptimised build; the checks do all of them in an optimised one.
const SCENES: usize = 3;

#[test]
fn no_fault_loses_masks_or_wedges_a_command() {
    let bench = Bench::new("faulty", Habits::default()).unwrap();
    let lab = Lab::new("restarted").unwrap();
    let mut tester = Tester { bench, lab, points: 0, live: None };
    let mut tally = Tally::default();
    let scenes = scene::scenes(&tester.bench, 1).unwrap();
    let commands = scenes.iter().filter(|scene| matches!(scene.action, Action::Apply(_)));
    for scene in commands.take(SCENES) {
        every_point(&mut tester, scene, &mut tally).unwrap();
    }
    assert!(tally.survived > 0 && tally.failed > 0 && tally.unknown > 0, "{tally:?}");
    assert_eq!(tally.points.len(), 9, "each kind of fault: {tally:?}");
}
