//! Histories and boards that are not what they should be, each in one thing.

use super::{Claim, Scene, scene, verdict};
use crate::torture::history::{Answer, Operation, Outcome};
use andon_core::id::EventId;
use andon_core::task::Status;

/// The claims that a change of a sound scene breaks.
fn broken(change: impl FnOnce(&mut Scene)) -> Vec<Claim> {
    let mut scene = scene();
    change(&mut scene);
    let mut claims: Vec<Claim> = verdict(&scene).findings.iter().map(|f| f.claim).collect();
    claims.sort();
    claims.dedup();
    claims
}

/// The place of an event of this kind.
fn place(scene: &Scene, kind: &str, nth: usize) -> usize {
    let events = scene.remains.board.events.iter().enumerate();
    let mut found = events.filter(|(_, event)| event.kind == kind).map(|(place, _)| place);
    found.nth(nth).unwrap()
}

fn operation<'s>(scene: &'s mut Scene, verb: &str, nth: usize) -> &'s mut Operation {
    let found = scene.history.operations.iter_mut().filter(|one| one.verb == verb).nth(nth);
    found.unwrap()
}

fn answer(operation: &mut Operation) -> &mut Answer {
    match &mut operation.outcome {
        Outcome::Done(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_acknowledged_operation_that_the_board_has_not_recorded_is_lost() {
    let claims = broken(|scene| {
        let id = operation(scene, "comment", 0).id.clone();
        assert!(scene.remains.recorded.remove(&id));
    });
    assert_eq!(claims, [Claim::Kept]);
}

#[test]
fn an_acknowledged_event_that_is_gone_is_lost() {
    let claims = broken(|scene| {
        let place = place(scene, "heartbeat", 0);
        scene.remains.board.events.remove(place);
    });
    assert_eq!(claims, [Claim::Kept]);
}

#[test]
fn an_acknowledged_run_that_is_gone_is_lost() {
    let claims = broken(|scene| {
        let first = scene.runs[0];
        scene.remains.board.runs.retain(|run| run.id != first);
    });
    assert!(claims.contains(&Claim::Kept), "{claims:?}");
}

#[test]
fn an_unknown_outcome_may_be_either() {
    let unknown = |scene: &mut Scene| {
        let one = operation(scene, "comment", 0);
        (one.outcome, one.end) = (Outcome::Unknown("killed".to_owned()), None);
        one.id.clone()
    };
    assert_eq!(broken(|scene| drop(unknown(scene))), []);
    let absent = broken(|scene| {
        let id = unknown(scene);
        scene.remains.recorded.remove(&id);
    });
    assert_eq!(absent, []);
}

#[test]
fn a_failed_operation_that_is_on_the_board_is_found() {
    let claims = broken(|scene| {
        operation(scene, "comment", 0).outcome = Outcome::Failed("busy".to_owned());
    });
    assert_eq!(claims, [Claim::Absent]);
    let in_a_text = broken(|scene| {
        let one = operation(scene, "comment", 0);
        one.outcome = Outcome::Failed("busy".to_owned());
        let id = one.id.clone();
        scene.remains.recorded.remove(&id);
        scene.remains.written.insert(id);
    });
    assert_eq!(in_a_text, [Claim::Absent]);
}

#[test]
fn two_operations_in_one_place_are_found() {
    let claims = broken(|scene| {
        let event = answer(operation(scene, "comment", 0)).event;
        answer(operation(scene, "heartbeat", 0)).event = event;
    });
    assert_eq!(claims, [Claim::Unique]);
}

#[test]
fn an_operation_that_stands_before_one_that_ended_earlier_is_found() {
    let claims = broken(|scene| {
        let comment = answer(operation(scene, "comment", 0)).event;
        let beat = answer(operation(scene, "heartbeat", 0)).event;
        answer(operation(scene, "comment", 0)).event = beat;
        answer(operation(scene, "heartbeat", 0)).event = comment;
    });
    assert_eq!(claims, [Claim::Ordered]);
}

#[test]
fn a_claim_of_a_task_that_somebody_holds_is_found() {
    let claims = broken(|scene| {
        // Without its end, the first run holds the task when the second one begins.
        for kind in ["blocked", "unblocked"] {
            let place = place(scene, kind, 0);
            scene.remains.board.events[place].kind = "edited".to_owned();
        }
    });
    assert!(claims.contains(&Claim::Exclusive), "{claims:?}");
}

#[test]
fn a_run_that_began_elsewhere_than_its_claim_says_is_found() {
    let claims = broken(|scene| {
        let other = scene.runs[2];
        answer(operation(scene, "claim", 0)).run = Some(other.0);
    });
    assert!(claims.contains(&Claim::Exclusive), "{claims:?}");
}

#[test]
fn a_write_for_a_run_whose_place_is_after_its_end_is_found() {
    let claims = broken(|scene| {
        let run = scene.runs[0];
        // The second run's completion, said for the first one.
        operation(scene, "complete", 0).run = Some(run.0);
    });
    assert_eq!(claims, [Claim::Fenced]);
}

#[test]
fn a_write_for_a_run_after_somebody_heard_of_its_end_is_found() {
    let claims = broken(|scene| {
        // A sign of life leaves no event: only the times tell.
        let (start, end) = {
            let unblock = operation(scene, "unblock", 0);
            (unblock.start + 2, unblock.start + 3)
        };
        let beat = operation(scene, "heartbeat", 0);
        (beat.start, beat.end) = (start, Some(end));
        answer(beat).event = None;
        answer(beat).trace = crate::torture::history::Trace::Nothing;
    });
    assert_eq!(claims, [Claim::Fenced]);
}

#[test]
fn two_workers_at_once_are_found() {
    let overlap = broken(|scene| {
        let late = scene.history.lives[1].span.0;
        scene.history.lives[0].span.1 = late + 1;
    });
    assert_eq!(overlap, [Claim::OneWorker]);
    let met = broken(|scene| scene.history.lives[1].clashed = true);
    assert_eq!(met, [Claim::OneWorker]);
}

#[test]
fn a_worker_without_a_run_is_found() {
    let claims = broken(|scene| scene.history.lives[0].run = 999);
    assert_eq!(claims, [Claim::Kept]);
}

#[test]
fn a_child_that_went_before_its_parent_is_found() {
    let claims = broken(|scene| {
        let place = place(scene, "completed", 0);
        scene.remains.board.events[place].kind = "edited".to_owned();
    });
    assert!(claims.contains(&Claim::Released), "{claims:?}");
}

#[test]
fn a_board_that_differs_from_its_events_is_found() {
    let status = broken(|scene| {
        let child = scene.child.clone();
        let tasks = &mut scene.remains.board.tasks;
        let task = tasks.iter_mut().find(|task| task.id == child).unwrap();
        (task.status, task.current_run) = (Status::Blocked, None);
    });
    assert!(status.contains(&Claim::Replayed), "{status:?}");
    let comment = broken(|scene| {
        scene.remains.comments.insert(scene.parent.to_string(), 1);
    });
    assert_eq!(comment, [Claim::Replayed]);
    let link = broken(|scene| scene.remains.board.links.clear());
    assert_eq!(link, [Claim::Replayed]);
    let task = broken(|scene| {
        let child = scene.child.clone();
        scene.remains.board.events.retain(|event| event.task != child || event.kind != "created");
    });
    assert!(task.contains(&Claim::Replayed), "{task:?}");
}

#[test]
fn a_broken_invariant_is_found() {
    let claims = broken(|scene| {
        let events = &mut scene.remains.board.events;
        let last = events.len() - 1;
        events[last].id = EventId(1);
        // The claim that wrote it is not what is looked for here.
        scene.history.operations.pop();
    });
    assert!(claims.contains(&Claim::Invariant), "{claims:?}");
}

#[test]
fn a_torn_last_line_was_not_said_and_a_torn_line_before_it_is_no_log() {
    let line = r#"{"start":{"at":1,"op":"a","verb":"claim","task":null,"run":null}}"#;
    let mut history = super::History::default();
    history.add("killed", &format!("{line}\n{{\"done\":{{\"at\":2")).unwrap();
    assert!(matches!(history.operations[0].outcome, Outcome::Unknown(_)));
    assert_eq!(history.operations[0].end, None);
    let torn = format!("{{\"start\n{line}\n");
    assert!(super::History::default().add("torn", &torn).is_err());
}
