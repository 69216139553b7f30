//! The arithmetic and the words of the report. Nothing is timed here.

use std::path::Path;

use super::effort::Effort;
use super::figures::{ANDON, Better, Contestant, Line, Measured, Section, Spread, in_turn};
use super::{items, machine, options, report};

fn line(who: &str, better: Better, median: f64) -> Line {
    Line {
        figure: "tasks/s".to_owned(),
        better,
        who: who.to_owned(),
        sync: "WAL FULL".to_owned(),
        spread: Spread::of([median]),
        remark: String::new(),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_median_of_an_even_number_lies_between_the_middle_two() {
    let spread = Spread::of([9.0, 1.0, 2.0, 4.0]);
    assert_eq!(spread, Spread { median: 3.0, min: 1.0, max: 9.0 });
    assert_eq!(Spread::of([7.0, 5.0, 6.0]).median, 6.0);
}

#[test]
fn above_one_means_that_andon_is_ahead_for_rates_and_for_times() {
    let rates = [line(ANDON, Better::Higher, 300.0), line("peer", Better::Higher, 100.0)];
    assert_eq!(rates[1].ratio(&rates), Some(3.0));
    let times = [line(ANDON, Better::Lower, 1.0), line("peer", Better::Lower, 4.0)];
    assert_eq!(times[1].ratio(&times), Some(4.0));
    assert_eq!(times[0].ratio(&times), None);
}

#[test]
fn figures_of_different_things_are_not_compared() {
    let mut other = line("peer", Better::Higher, 100.0);
    other.figure = "jobs/s".to_owned();
    let lines = [line(ANDON, Better::Higher, 300.0), other];
    assert_eq!(lines[1].ratio(&lines), None);
}

#[test]
fn every_round_has_everybody_and_the_order_turns_around() {
    let order = std::cell::RefCell::new(Vec::new());
    let contestants = ["a", "b"].map(|who| {
        let order = &order;
        Contestant::new(who, move |round| {
            order.borrow_mut().push((round, who));
            Ok(round)
        })
    });
    let tallies = in_turn(2, &contestants).expect("no turn fails");
    assert_eq!(*order.borrow(), [(0, "a"), (0, "b"), (1, "b"), (1, "a")]);
    assert_eq!(tallies[1].turns, [0, 1]);
}

#[test]
fn a_failed_bench_has_its_reason_in_the_table() {
    let failed = Section {
        name: "burst",
        about: "",
        measured: Measured::default(),
        failure: Some("a | b".to_owned()),
    };
    assert!(report::table(&[failed]).contains("| burst | none |  |  |  |  |  | a \\| b |"));
}

#[test]
fn the_sync_mode_stands_beside_each_figure() {
    let measured = Measured { lines: vec![line("peer", Better::Higher, 1.0)], notes: vec![] };
    let section = Section { name: "create", about: "", measured, failure: None };
    assert!(report::table(&[section]).contains("| create | tasks/s | peer | WAL FULL | 1.00 |"));
}

#[test]
fn numbers_have_three_digits_or_groups() {
    let texts = [0.126, 12.34, 1_234.5, 1_000_000.0, -1_234.0].map(report::number);
    assert_eq!(texts, ["0.13", "12.3", "1,234", "1,000,000", "-1,234"]);
    assert_eq!([10, 10_000].map(report::count), ["10", "10,000"]);
}

#[test]
fn the_mount_that_reaches_furthest_names_the_filesystem() {
    let mounts = "21 1 8:1 / / rw - ext4 /dev/a rw\n30 21 0:9 / /home/x rw - tmpfs none rw\n";
    assert_eq!(machine::kind_of(mounts, Path::new("/home/x/target")), Some("tmpfs"));
    assert_eq!(machine::kind_of(mounts, Path::new("/home/xy")), Some("ext4"));
}

#[test]
fn processors_are_busy_as_far_as_their_ticks_are_not_idle() {
    let before = "cpu  100 0 0 100 0 0 0 0 0 0\ncpu0 0\ncpu1 0\n";
    let after = "cpu  150 0 0 240 10 0 0 0 0 0\ncpu0 0\ncpu1 0\n";
    assert_eq!(machine::busy_between(before, after), Some(0.5));
    assert_eq!(machine::busy_between("", after), None);
}

#[test]
fn options_name_known_benches_only() {
    let options = options::parse(&words("--full --only burst,list")).expect("both are known");
    assert_eq!(options.effort, Effort::Full);
    let wanted: Vec<&str> =
        items::ALL.iter().map(|item| item.name).filter(|name| options.wants(name)).collect();
    assert_eq!(wanted, ["burst", "list"]);
    assert!(options::parse(&words("--only bursts")).is_err());
    assert!(options::parse(&words("--out")).is_err());
}
