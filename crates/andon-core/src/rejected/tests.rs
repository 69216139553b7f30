//! A refusal says what stands in the way: which tasks, which statuses, which run, and why.

use super::*;

fn ids(count: u32) -> Vec<TaskId> {
    (1..=count).map(TaskId::from_random).collect()
}

#[test]
fn a_refusal_names_all_that_it_is_about() {
    let task = || TaskId::from_random(9);
    let told = [
        (
            Rejected::UnknownTasks { role: "parent task(s)", ids: ids(2) },
            "unknown parent task(s): t_00000001, t_00000002",
        ),
        (
            Rejected::WrongStatus {
                verb: "claim",
                task: task(),
                status: Status::Done,
                holder: None,
                allowed: &[Status::Ready, Status::Review],
            },
            "cannot claim t_00000009: it is done; this needs ready, review",
        ),
        (
            Rejected::WrongStatus {
                verb: "claim",
                task: task(),
                status: Status::Running,
                holder: Some(ClaimLock::new("host", 7, 0)),
                allowed: &[Status::Ready],
            },
            "cannot claim t_00000009: it is running, claimed by host:7:0000000000000000; this \
             needs ready",
        ),
        (
            Rejected::StaleRun { task: task(), given: RunId(1), current: Some(RunId(2)) },
            "run 1 of t_00000009 is over; run 2 is the current one",
        ),
        (
            Rejected::StaleRun { task: task(), given: RunId(1), current: None },
            "run 1 of t_00000009 is over",
        ),
        (
            Rejected::Paused { by: "me".into(), reason: Some("lunch".into()) },
            "the board is paused by me: lunch",
        ),
        (Rejected::Paused { by: "me".into(), reason: None }, "the board is paused by me"),
    ];
    for (refusal, text) in told {
        assert_eq!(refusal.to_string(), text);
    }
}

#[test]
fn parents_that_are_not_named_are_counted() {
    let told = |count| Rejected::OpenParents { parents: ids(1), count }.to_string();
    assert_eq!(told(1), "unsatisfied parent dependencies: t_00000001");
    assert_eq!(told(3), "unsatisfied parent dependencies: t_00000001 and 2 more");
}
