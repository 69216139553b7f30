//! Times and spans in words.

use super::*;

#[test]
fn spans_are_told_in_two_units() {
    let told = [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 200_000, -5];
    let told: Vec<_> = told.into_iter().map(|span| elapsed(Seconds(span))).collect();
    assert_eq!(
        told,
        ["0s", "59s", "1m 00s", "59m 59s", "1h 00m", "23h 59m", "1d 00h", "2d 07h", "0s"]
    );
}

#[test]
fn ages_change_their_unit_at_a_minute_an_hour_and_a_day() {
    let told = [-9, 59, 60, 3_600, 86_400];
    let told: Vec<_> = told.map(|span| ago(Timestamp(100_000 - span), Timestamp(100_000))).into();
    assert_eq!(told, ["just now", "just now", "1m ago", "1h ago", "1d ago"]);
}

#[test]
fn a_time_needs_its_zone_and_a_wait_its_plus() {
    let now = Timestamp(1_000);
    assert_eq!(at("+2h", now), Ok(Timestamp(8_200)));
    assert_eq!(at("1970-01-01T01:00:00+01:00", now), Ok(Timestamp(0)));
    assert!(at("1970-01-01T01:00:00", now).is_err());
    assert!(at("2h", now).is_err());
}
