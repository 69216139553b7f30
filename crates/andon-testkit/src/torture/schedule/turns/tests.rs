//! Turns: one at a time, and the same for the same seed.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

fn run(seed: u64, rule: Rule) -> (u64, u64, u64) {
    let turns = Turns::new(4, rule, Chance::new(seed));
    let running = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for seat in 0..4 {
            let (turns, running) = (&turns, &running);
            scope.spawn(move || {
                turns.sit(seat);
                for nth in 0..200 {
                    assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "two at a time");
                    running.fetch_sub(1, Ordering::SeqCst);
                    let what = if nth % 10 == 0 { "point" } else { "step" };
                    turns.step(seat, what).unwrap();
                }
                turns.leave(seat);
            });
        }
        turns.start();
    });
    turns.sums()
}

#[test]
fn one_runs_at_a_time_and_a_seed_says_who() {
    let rules = [
        Rule::Chance { permille: 300 },
        Rule::Urgency { changes: vec![500, 90, 7] },
        Rule::Points { at: &["point"] },
    ];
    for rule in rules {
        let first = run(7, rule.clone());
        assert_eq!(first, run(7, rule.clone()));
        assert_ne!(first.2, run(8, rule).2);
        assert_eq!(first.0, 800);
    }
}

#[test]
fn at_a_point_every_other_step_gives_the_turn_away_and_elsewhere_hardly_any() {
    let switches = |at| run(7, Rule::Points { at }).1;
    let (at_points, nowhere) = (switches(&["point"]), switches(&["another"]));
    assert!((20..60).contains(&at_points), "{at_points} at 80 points");
    assert!(nowhere < 15, "{nowhere} in 800 steps");
}

#[test]
fn whoever_waits_for_what_never_comes_is_told_in_the_end() {
    let turns = Turns::new(1, Rule::Chance { permille: 10 }, Chance::new(1));
    turns.start();
    turns.sit(0);
    let mut gave_way = 0;
    while turns.give_way(0, "flock").is_ok() {
        gave_way += 1;
    }
    assert_eq!(gave_way, STEPS_MAX);
    turns.leave(0);
}
