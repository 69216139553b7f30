//! Claims about the words after an engine's name.

use super::*;

fn read(line: &str) -> Result<Words, Failure> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    Words::read(&words)
}

#[test]
fn an_option_that_nobody_asked_for_is_refused() {
    let mut words = read("--jobs 2 --sequences 10_000").unwrap();
    assert_eq!(words.number("sequences").unwrap(), Some(10_000));
    assert_eq!(words.number("minutes").unwrap(), None);
    assert!(words.finish().is_err());
}

#[test]
fn an_option_has_one_value_and_is_given_once() {
    assert!(read("--jobs").is_err());
    assert!(read("jobs 2").is_err());
    assert!(read("--jobs 2 --jobs 3").is_err());
    assert!(read("--jobs many").unwrap().number("jobs").is_err());
}
