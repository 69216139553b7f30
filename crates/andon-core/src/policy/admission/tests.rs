//! Limits hold, order is fair.

use super::*;

fn profile(name: &str) -> Assignee {
    Assignee::from_row(name.to_owned())
}

fn candidate(n: u32, who: &str, priority: i64, created_at: i64) -> Candidate {
    Candidate {
        task: TaskId::from_random(n),
        profile: profile(who),
        priority,
        created_at: Timestamp(created_at),
        status: Status::Ready,
    }
}

fn started(admission: &Admission) -> Vec<String> {
    admission.start.iter().map(|c| c.task.to_string()).collect()
}

#[test]
fn order_is_priority_then_age_then_id() {
    let some = vec![
        candidate(3, "a", 0, 5),
        candidate(2, "a", 0, 5),
        candidate(1, "a", 0, 9),
        candidate(9, "a", 7, 9),
    ];
    let admission = admit(some, &Load::default(), &Limits::default());
    assert_eq!(started(&admission), ["t_00000009", "t_00000002", "t_00000003", "t_00000001"]);
}

#[test]
fn d3_what_runs_is_counted_once() {
    let load = Load { running: 3, by_profile: HashMap::from([(profile("a"), 3)]) };
    let limits = Limits { in_progress: Some(5), ..Limits::default() };
    let some = (0..4).map(|n| candidate(n, "a", 0, 0)).collect();
    assert_eq!(admit(some, &load, &limits).start.len(), 2);
}

#[test]
fn a_full_profile_does_not_hold_back_another() {
    let limits = Limits { per_profile: Some(1), ..Limits::default() };
    let some = vec![candidate(1, "a", 9, 0), candidate(2, "a", 9, 0), candidate(3, "b", 0, 0)];
    let admission = admit(some, &Load::default(), &limits);
    assert_eq!(started(&admission), ["t_00000001", "t_00000003"]);
    assert_eq!(admission.capped.len(), 1);
    assert_eq!(admission.capped[0].current, 1);
}

#[test]
fn d4_a_review_counts_and_is_counted() {
    let limits = Limits { in_progress: Some(1), ..Limits::default() };
    let review = Candidate { status: Status::Review, ..candidate(1, "a", 0, 0) };
    let full = Load { running: 1, by_profile: HashMap::new() };
    assert!(admit(vec![review], &full, &limits).start.is_empty());
}
