//! What is asked again, what is not, and what the figures say.

use super::record::{Pass, Record};
use super::wanted::{Wanted, narrowed};

const LISTED: &str = "crates/a/src/one.rs\ncrates/a/src/two.rs\ncrates/b/src/one.rs\n";

fn wanted(arguments: &[&str]) -> Wanted {
    Wanted::of(&arguments.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()).unwrap()
}

fn outcome(name: &str, summary: &str) -> serde_json::Value {
    let phases = [serde_json::json!({"duration": 1.5}), serde_json::json!({"duration": 0.5})];
    serde_json::json!({"scenario": {"Mutant": {"name": name}}, "summary": summary, "phase_results": phases})
}

fn outcomes(each: &[(&str, &str)]) -> String {
    let mut list = vec![serde_json::json!({"scenario": "Baseline", "summary": "Success"})];
    list.extend(each.iter().map(|(name, summary)| outcome(name, summary)));
    serde_json::json!({ "outcomes": list }).to_string()
}

fn quick() -> Record {
    let mut record = Record::default();
    let answers = outcomes(&[
        ("a.rs:1:1: caught", "CaughtMutant"),
        ("a.rs:2:1: slow", "Timeout"),
        ("a.rs:3:1: odd", "Unviable"),
        ("b.rs:4:1: missed", "MissedMutant"),
    ]);
    record.absorb(&answers, Pass::Quick).unwrap();
    record
}

#[test]
fn a_part_of_a_path_takes_its_files_and_no_other() {
    assert_eq!(wanted(&["b/src"]).files(LISTED).unwrap(), ["crates/b/src/one.rs"]);
    assert_eq!(wanted(&["one.rs"]).files(LISTED).unwrap().len(), 2);
    assert_eq!(wanted(&[]).files(LISTED).unwrap().len(), 3);
}

#[test]
fn a_part_that_no_file_has_is_refused_and_so_is_an_unknown_option() {
    assert!(wanted(&["one.rs", "three.rs"]).files(LISTED).is_err());
    assert!(Wanted::of(&["--re".to_owned()]).is_err());
}

#[test]
fn a_narrowed_configuration_names_the_files_and_keeps_all_else() {
    let config = "examine_globs = [\"crates/**\"]\nprofile = \"mutants\"\n";
    let narrowed = narrowed(config, &["crates/a/src/one.rs".to_owned()]).unwrap();
    let table: toml::Table = narrowed.parse().unwrap();
    assert_eq!(table["examine_globs"].as_array().unwrap()[0].as_str(), Some("crates/a/src/one.rs"));
    assert_eq!(table["profile"].as_str(), Some("mutants"));
}

#[test]
fn a_second_start_asks_again_only_what_ran_out_of_time() {
    let answered = quick().answered(Pass::Quick);
    let names: Vec<&str> = answered.lines().collect();
    assert_eq!(names, ["a.rs:1:1: caught", "a.rs:3:1: odd", "b.rs:4:1: missed"]);
}

#[test]
fn all_tests_are_asked_of_what_the_quick_ones_missed_and_have_the_last_word() {
    let mut record = quick();
    let answered = record.answered(Pass::All);
    assert!(!answered.contains("missed") && answered.lines().count() == 3, "{answered}");
    assert!(record.is_any_missed_by_quick_tests());
    let caught = outcomes(&[("b.rs:4:1: missed", "CaughtMutant")]);
    record.absorb(&caught, Pass::All).unwrap();
    record.absorb(&caught, Pass::All).unwrap();
    record.absorb(&outcomes(&[("b.rs:4:1: missed", "MissedMutant")]), Pass::Quick).unwrap();
    assert!(!record.is_any_missed_by_quick_tests());
    assert!(record.judge(&["b.rs".to_owned()]).is_ok());
    assert!(record.figures(&["b.rs".to_owned()]).contains("| b.rs | 1 | 1 | 0 | 0 | 0 | 4 |"));
}

#[test]
fn a_survivor_fails_the_run_only_where_it_was_asked_for() {
    let record = quick();
    assert!(record.judge(&["a.rs".to_owned()]).is_ok());
    assert!(record.judge(&["a.rs".to_owned(), "b.rs".to_owned()]).is_err());
    let figures = record.figures(&["a.rs".to_owned(), "b.rs".to_owned()]);
    assert!(figures.contains("| a.rs | 3 | 1 | 1 | 1 | 0 | 6 |"), "{figures}");
    assert!(figures.contains("| all | 4 | 1 | 1 | 1 | 1 | 8 |"), "{figures}");
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let text = quick().text();
    assert_eq!(Record::parse(&text).unwrap().text(), text);
    assert!(Record::parse("a.rs: b\tCaught\tquick\t1.0\n").is_err());
}
