//! A task's place in line.

use super::*;
use crate::commands::why::explain::tests::given::{alice, task};
use andon_core::id::TaskId;
use andon_core::task::Status;

fn entry(digit: char, priority: i64, created_at: i64, assignee: Option<&str>) -> QueueEntry {
    QueueEntry {
        task: TaskId::parse(&format!("t_{}", String::from(digit).repeat(8))).unwrap(),
        assignee: assignee.map(|name| Assignee::parse(name).unwrap()),
        priority,
        created_at: Timestamp(created_at),
        status: Status::Ready,
    }
}

fn place_among(others: &[QueueEntry]) -> Option<usize> {
    let own = task(Status::Ready);
    let mut heads = vec![entry('1', own.priority, own.created_at.0, Some("alice"))];
    heads.extend_from_slice(others);
    place(&heads, &own, |name| *name == alice())
}

#[test]
fn a_place_counts_those_that_start_first() {
    assert_eq!(place_among(&[]), Some(1));
    assert_eq!(place_among(&[entry('2', 1, 9, Some("alice"))]), Some(2), "higher priority");
    assert_eq!(place_among(&[entry('2', 0, -1, Some("alice"))]), Some(2), "older");
    assert_eq!(place_among(&[entry('0', 0, 0, Some("alice"))]), Some(2), "smaller id");
    assert_eq!(place_among(&[entry('2', 0, 0, Some("alice"))]), Some(1), "larger id");
    assert_eq!(place_among(&[entry('2', i64::MIN, 0, Some("alice"))]), Some(1));
}

#[test]
fn those_that_nothing_starts_are_not_in_line() {
    assert_eq!(place_among(&[entry('2', 1, 0, None), entry('3', 1, 0, Some("bob"))]), Some(1));
    assert_eq!(place(&[], &task(Status::Ready), |_| true), None);
}
