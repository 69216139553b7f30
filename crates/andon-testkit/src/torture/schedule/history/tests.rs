//! The checker finds what it is there to find.

use super::*;
use crate::fixture::verbs;

fn task() -> TaskId {
    TaskId::parse("t_00000001").unwrap()
}

fn entry(nth: u64, begun: u64, ended: u64, came: Came) -> Entry {
    let op = OpId::new(nth, [1; 10]);
    let claim = Command::from(verbs::claim(&task()));
    Entry { ended, came, claims: true, ..Entry::new(op, &claim, 0, begun) }
}

fn done(event: i64) -> Came {
    Came::Done { event: Some(event) }
}

fn kept(entries: &[&Entry]) -> HashMap<OpId, Option<i64>> {
    entries.iter().map(|entry| (entry.op, entry.event())).collect()
}

#[test]
fn what_was_acknowledged_must_be_there_as_it_was_answered() {
    let (first, second) = (entry(1, 0, 5, done(7)), entry(2, 0, 5, done(7)));
    assert!(compare(&[&first], &kept(&[&first])).is_ok());
    assert!(compare(&[&first], &HashMap::new()).unwrap_err().contains("lost"));
    let twice = compare(&[&first, &second], &kept(&[&first, &second]));
    assert!(twice.unwrap_err().contains("twice"));
    let other = HashMap::from([(first.op, Some(8))]);
    assert!(compare(&[&first], &other).is_err());
}

#[test]
fn what_was_refused_must_not_be_there() {
    let refused = entry(1, 0, 5, Came::Refused);
    assert!(compare(&[&refused], &HashMap::new()).is_ok());
    assert!(compare(&[&refused], &HashMap::from([(refused.op, Some(3))])).is_err());
    let unknown = entry(1, 0, 5, Came::Unknown);
    assert!(compare(&[&unknown], &HashMap::from([(unknown.op, Some(3))])).is_ok());
}

#[test]
fn later_commands_come_later() {
    let (first, second) = (entry(1, 0, 5, done(2)), entry(2, 6, 9, done(1)));
    assert!(in_order(&[&first, &second]).unwrap_err().contains("out of order"));
    let overlapping = entry(2, 5, 9, done(1));
    assert!(in_order(&[&first, &overlapping]).is_ok());
}

#[test]
fn a_task_is_claimed_once_until_it_is_given_back() {
    let (first, second) = (entry(1, 0, 5, done(1)), entry(2, 6, 9, done(3)));
    let both = [&first, &second];
    assert!(claims_are_exclusive(&both, &kept(&both)).unwrap_err().contains("claimed twice"));
    let given_back = Entry { claims: false, ..entry(3, 5, 6, done(2)) };
    let three = [&first, &second, &given_back];
    assert!(claims_are_exclusive(&three, &kept(&three)).is_ok());
}
