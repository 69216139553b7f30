//! What a store answered, as a line of a history.

use super::record::{Record, Trace, now};
use andon_core::command::Command;
use andon_core::id::{RunId, TaskId};
use andon_core::transition::Outcome;
use andon_store::{Applied, Request, StoreError};

/// The line that goes before a request.
pub fn start(request: &Request, at: u64) -> Record {
    let needs = request.command.needs();
    Record::Start {
        at,
        op: request.op.to_string(),
        verb: request.command.verb().to_owned(),
        task: needs.subject.map(|task| task.as_str().to_owned()),
        run: named_run(&request.command).map(|run| run.0),
    }
}

/// The line that follows its answer.
pub fn end(request: &Request, answer: &Result<Applied, StoreError>) -> Record {
    let (at, op) = (now(), request.op.to_string());
    match answer {
        Ok(applied) => Record::Done {
            at,
            op,
            event: applied.event.map(|event| event.0),
            task: subject(&applied.outcome).map(|task| task.as_str().to_owned()),
            run: applied.run.filter(|_| opened(&applied.outcome)).map(|run| run.0),
            trace: trace(&request.command, applied),
        },
        Err(StoreError::Unknown { why, .. }) => Record::Unknown { at, op, why: why.clone() },
        Err(error) => Record::Failed { at, op, why: error.code().to_owned() },
    }
}

/// The run that a command names as its own.
fn named_run(command: &Command) -> Option<RunId> {
    match command {
        Command::Complete(it) => it.expected_run,
        Command::Block(it) => it.expected_run,
        Command::Schedule(it) => it.expected_run,
        Command::Heartbeat(it) => it.expected_run,
        _ => None,
    }
}

fn subject(outcome: &Outcome) -> Option<&TaskId> {
    match outcome {
        Outcome::Created { task, .. }
        | Outcome::Existing { task, .. }
        | Outcome::Claimed { task, .. }
        | Outcome::SentBack { task }
        | Outcome::Moved { task, .. }
        | Outcome::Stopping { task, .. }
        | Outcome::HeldBack { task, .. }
        | Outcome::Recorded { task } => Some(task),
        Outcome::Unchanged | Outcome::PauseSet => None,
    }
}

/// Whether the answer's run is one that was claimed, and not one added for a hand-off.
fn opened(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Claimed { .. })
}

fn trace(command: &Command, applied: &Applied) -> Trace {
    match applied.outcome {
        Outcome::Unchanged | Outcome::Existing { .. } => Trace::Nothing,
        _ if command.is_recorded() => Trace::Row,
        _ if applied.event.is_some() => Trace::Event,
        _ => Trace::Nothing,
    }
}
