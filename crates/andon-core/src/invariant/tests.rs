//! Each invariant holds on a sound board and fails on one that breaks it, and only it.

use super::*;
use crate::event::Event;
use crate::id::EventId;
use crate::table::sample::{self, NOW, RUN, child_id, parent_id, task_id};
use crate::task::{Claim, PastParents, Status};
use crate::time::{Seconds, Timestamp};

/// A finished parent, a running task kept by a runner, and a child that waits for it.
fn sound() -> BoardSnapshot {
    let running = sample::kept(sample::view(Status::Running), Status::Ready);
    let mut run = running.run.expect("a running sample has a run");
    run.worker_pid = Some(3);
    let subject = running.task.expect("the sample has its task");
    let mut parent = sample::task(Status::Done);
    parent.id = parent_id();
    let mut child = sample::task(Status::Todo);
    child.id = child_id();
    let event = |id, run| Event {
        id: EventId(id),
        task: task_id(),
        run,
        kind: "heartbeat".to_owned(),
        payload: None,
        at: Timestamp(id),
    };
    BoardSnapshot {
        tasks: vec![parent, subject, child],
        runs: vec![run],
        links: vec![(parent_id(), task_id()), (task_id(), child_id())],
        events: vec![event(1, None), event(2, Some(RUN))],
    }
}

const PARENT: usize = 0;
const SUBJECT: usize = 1;
const CHILD: usize = 2;

#[test]
fn a_sound_board_breaks_nothing() {
    assert_eq!(check(&sound()), []);
    assert_eq!(check(&BoardSnapshot::default()), []);
}

#[test]
fn names_differ() {
    let mut names: Vec<&str> = all().map(|invariant| invariant.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// One way to break each invariant.
type Fault = (&'static str, fn(&mut BoardSnapshot));

const FAULTS: &[Fault] = &[
    ("task_ids_differ", |board| {
        let twin = board.tasks[PARENT].clone();
        board.tasks.push(twin);
    }),
    ("running_has_its_run", |board| {
        board.tasks[SUBJECT].claim =
            Some(Claim { lock: crate::id::ClaimLock::new("host", 1, 2), expires: None });
    }),
    ("running_names_one_worker", |board| board.runs[0].worker_pid = None),
    ("running_has_started", |board| board.tasks[SUBJECT].started_at = None),
    ("resting_holds_nothing", |board| {
        board.tasks[CHILD].claim =
            Some(Claim { lock: crate::id::ClaimLock::new("host", 1, 2), expires: None });
    }),
    ("resting_has_no_worker", |board| board.tasks[CHILD].worker_pid = Some(1)),
    ("heartbeat_ends_with_its_run", |board| {
        board.tasks[CHILD].last_heartbeat_at = Some(NOW);
    }),
    ("done_has_its_time", |board| board.tasks[PARENT].completed_at = None),
    ("counters_are_counts", |board| board.tasks[PARENT].consecutive_failures = -1),
    ("title_is_there", |board| board.tasks[PARENT].title = "  ".to_owned()),
    ("ready_waits_for_nobody", |board| board.tasks[CHILD].status = Status::Ready),
    ("todo_waits_for_somebody", |board| {
        board.links.pop();
    }),
    ("due_is_scheduled", |board| board.tasks[CHILD].hold.due_at = Some(NOW)),
    ("run_has_its_task", |board| {
        let mut stray = board.runs[0].clone();
        stray.id = RunId(RUN.0 + 1);
        stray.task = TaskId::from_random(0x99);
        stray.ended_at = Some(stray.started_at + Seconds(1));
        stray.outcome = Some("crashed".to_owned());
        (stray.claim, stray.worker_pid) = (None, None);
        board.runs.push(stray);
    }),
    ("one_open_run", second_open_run),
    ("open_run_is_current", second_open_run),
    ("open_run_is_held", |board| board.runs[0].outcome = Some("crashed".to_owned())),
    ("closed_run_is_over", |board| {
        close_and_requeue(board);
        board.runs[0].outcome = None;
    }),
    ("run_ends_after_its_begin", |board| {
        close_and_requeue(board);
        board.runs[0].ended_at = Some(Timestamp(board.runs[0].started_at.0 - 1));
    }),
    ("gone_means_closed", |board| {
        board.runs[0].keeper.as_mut().expect("it is kept").gone_at = Some(NOW);
    }),
    ("runner_and_worker_together", |board| {
        board.runs[0].keeper.as_mut().expect("it is kept").worker = None;
    }),
    ("one_live_tree", |board| {
        let mut earlier = board.runs[0].clone();
        earlier.id = RunId(RUN.0 - 1);
        earlier.ended_at = Some(earlier.started_at);
        earlier.outcome = Some("crashed".to_owned());
        (earlier.claim, earlier.worker_pid) = (None, None);
        board.runs.push(earlier);
    }),
    ("links_end_at_tasks", |board| {
        board.links.push((TaskId::from_random(0x99), child_id()));
    }),
    ("links_differ", |board| board.links.push((parent_id(), task_id()))),
    ("links_have_no_circle", |board| board.links.push((child_id(), parent_id()))),
    ("event_has_its_task", |board| board.events[0].task = TaskId::from_random(0x99)),
    ("event_has_its_run", |board| board.events[1].run = Some(RunId(RUN.0 + 1))),
    ("event_ids_grow", |board| board.events[1].id = board.events[0].id),
    ("event_times_grow", |board| board.events[1].at = Timestamp(0)),
    ("run_ids_grow", |board| {
        close_and_requeue(board);
        let mut later = board.runs[0].clone();
        later.id = RunId(RUN.0 + 1);
        later.started_at = Timestamp(1);
        board.runs[0].keeper = None;
        board.runs.push(later);
    }),
    ("run_ids_differ", |board| {
        close_and_requeue(board);
        board.runs[0].keeper = None;
        let twin = board.runs[0].clone();
        board.runs.push(twin);
    }),
];

fn second_open_run(board: &mut BoardSnapshot) {
    let mut second = board.runs[0].clone();
    second.id = RunId(RUN.0 + 1);
    second.keeper = None;
    board.runs.push(second);
}

fn close_and_requeue(board: &mut BoardSnapshot) {
    let (task, run) = (&mut board.tasks[SUBJECT], &mut board.runs[0]);
    task.status = Status::Ready;
    (task.claim, task.worker_pid, task.current_run) = (None, None, None);
    (run.claim, run.worker_pid) = (None, None);
    (run.ended_at, run.outcome) = (Some(NOW), Some("crashed".to_owned()));
}

#[test]
fn each_invariant_fails_on_a_board_that_breaks_it() {
    for (name, fault) in FAULTS {
        let mut board = sound();
        fault(&mut board);
        let found: Vec<&str> = check(&board).iter().map(|broken| broken.name).collect();
        assert!(found.contains(name), "{name} is not among {found:?}");
    }
}

#[test]
fn no_invariant_lacks_a_board_that_breaks_it() {
    for invariant in all() {
        assert!(FAULTS.iter().any(|(name, _)| *name == invariant.name), "{}", invariant.name);
    }
}

#[test]
fn a_task_promoted_past_its_parents_may_be_ready() {
    let mut board = sound();
    board.tasks[CHILD].status = Status::Ready;
    board.tasks[CHILD].hold.past_parents = PastParents::Overruled;
    assert_eq!(check(&board), []);
}

#[test]
fn what_another_program_may_leave_is_pending_and_not_broken() {
    let mut board = sound();
    board.tasks[SUBJECT].status = Status::Done;
    board.tasks[SUBJECT].completed_at = Some(NOW);
    close_and_requeue(&mut board);
    board.tasks[SUBJECT].status = Status::Done;
    let found = check(&board);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].name, found[0].grade), ("todo_waits_for_somebody", Grade::Pending));
}
