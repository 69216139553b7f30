//! The line in front of the writer: who is served, who is told, and when nobody waits.

use super::*;
use andon_core::actor::Actor;
use andon_core::command::archive::Archive;
use andon_core::id::{OpId, TaskId};
use andon_core::time::Timestamp;
use andon_core::transition::Outcome;

fn request() -> Request {
    let command = Archive { task: TaskId::from_random(1) }.into();
    Request { op: OpId::new(1, [4; 10]), actor: Actor::human("tester"), command }
}

fn applied(at: i64) -> Answer {
    Ok(Applied { outcome: Outcome::Unchanged, run: None, event: None, at: Timestamp(at) })
}

/// Nobody in these tests has to wait as long as that.
const WAIT: Duration = Duration::from_secs(30);

fn wait(ticket: Ticket) -> Answer {
    ticket.wait(WAIT, BusyHolder::default)
}

#[test]
fn a_line_is_idle_while_nobody_waits_and_nobody_works() {
    let queue = Queue::default();
    assert!(queue.is_idle());
    let _ticket = queue.put(request()).unwrap();
    assert!(!queue.is_idle(), "somebody waits");
    assert!(queue.wait_for_work());
    let batch = queue.take();
    assert_eq!(batch.len(), 1);
    assert!(!queue.is_idle(), "somebody works");
}

/// One who went ahead alone had a sync for himself, for which all the others waited.
#[test]
fn a_line_is_not_idle_after_a_commit_for_several() {
    let queue = Queue::default();
    queue.note_commit(2);
    assert!(!queue.is_idle(), "they are about to ask again");
    queue.note_commit(1);
    assert!(queue.is_idle());
}

#[test]
fn everybody_in_a_batch_is_answered_with_his_own_answer() {
    let queue = Queue::default();
    let tickets: Vec<Ticket> = (0..100).map(|_| queue.put(request()).unwrap()).collect();
    let batch = queue.take();
    Job::answer_all(batch, (0..100).map(applied).collect());
    let answers: Vec<Answer> = tickets.into_iter().map(wait).collect();
    assert_eq!(answers, (0..100).map(applied).collect::<Vec<_>>());
}

#[test]
fn a_batch_and_a_line_are_bounded() {
    let queue = Queue::default();
    let _tickets: Vec<Ticket> = (0..QUEUE_MAX).map(|_| queue.put(request()).unwrap()).collect();
    assert_eq!(queue.put(request()).err().map(|error| error.code()), Some("busy"));
    assert_eq!(queue.take().len(), BATCH_MAX);
    assert_eq!(queue.take_more(7).len(), 7, "as many as there is room for in the commit");
    assert!(queue.put(request()).is_ok(), "there is room again");
}

#[test]
fn b42_what_was_given_up_is_not_taken() {
    let queue = Queue::default();
    let (given_up, kept) = (queue.put(request()).unwrap(), queue.put(request()).unwrap());
    let busy = given_up.wait(Duration::ZERO, BusyHolder::default).unwrap_err();
    assert_eq!(busy.code(), "busy");
    let batch = queue.take();
    assert_eq!(batch.len(), 1);
    Job::answer_all(batch, vec![applied(7)]);
    assert_eq!(wait(kept), applied(7));
}

#[test]
fn whoever_is_lost_between_line_and_answer_is_told_that_nobody_knows() {
    let queue = Queue::default();
    let (taken, waiting) = (queue.put(request()).unwrap(), queue.put(request()).unwrap());
    drop(queue.take());
    assert_eq!(wait(taken).unwrap_err().code(), "outcome_unknown");
    assert_eq!(wait(waiting).unwrap_err().code(), "outcome_unknown");
}

#[test]
fn a_closed_line_ends_the_writer_and_says_where_it_was() {
    let queue = Queue::default();
    let ticket = queue.put(request()).unwrap();
    assert_eq!(queue.close(), Whereabouts::AtDesk);
    assert!(!queue.wait_for_work());
    assert!(queue.take().is_empty(), "what was in line is given up");
    assert_eq!(wait(ticket).unwrap_err().code(), "outcome_unknown");

    let queue = Queue::default();
    let _ticket = queue.put(request()).unwrap();
    assert!(queue.wait_for_work());
    assert_eq!(queue.close(), Whereabouts::Outside, "it waits for its lock");
}
