//! Acknowledged is there, failed is not, unknown may be either.

use super::{Answer, Claim, History, Operation, Outcome, Remains, Trace, Verdict};
use andon_core::event::Event;
use andon_core::run::Run;
use std::collections::HashMap;

/// What is looked up for each operation.
struct Index<'r> {
    remains: &'r Remains,
    events: HashMap<i64, &'r Event>,
    runs: HashMap<i64, &'r Run>,
}

/// Looks for everything that was acknowledged, and for everything that failed.
pub(super) fn check(history: &History, remains: &Remains, verdict: &mut Verdict) {
    let index = Index {
        remains,
        events: remains.board.events.iter().map(|event| (event.id.0, event)).collect(),
        runs: remains.board.runs.iter().map(|run| (run.id.0, run)).collect(),
    };
    for operation in &history.operations {
        match &operation.outcome {
            Outcome::Done(answer) => {
                let lost = index.missing(operation, answer);
                verdict.judge(Claim::Kept, lost.map(|what| tell(operation, &what)));
            }
            Outcome::Failed(why) => {
                let there = remains.recorded.contains(&operation.id)
                    || remains.written.contains(&operation.id);
                let what = || tell(operation, &format!("it failed ({why}) and is on the board"));
                verdict.judge(Claim::Absent, there.then(what));
            }
            Outcome::Unknown(_) => {}
        }
    }
}

impl Index<'_> {
    /// The first thing that the acknowledgement promised and the board has not.
    fn missing(&self, operation: &Operation, answer: &Answer) -> Option<String> {
        let id = &operation.id;
        let is_there = match answer.trace {
            Trace::Row => self.remains.recorded.contains(id),
            Trace::Text => self.remains.written.contains(id),
            Trace::Event => answer.event.is_some(),
            Trace::Nothing => true,
        };
        if !is_there {
            return Some(format!("nothing is left of it (looked for: {:?})", answer.trace));
        }
        if let Some(id) = answer.event {
            match self.events.get(&id) {
                None => return Some(format!("its event {id} is not there")),
                // The last event of an operation may be that of a child that it released.
                Some(event) if event.kind == "promoted" => {}
                Some(event) if answer.task.as_deref().is_some_and(|t| t != event.task.as_str()) => {
                    return Some(format!("its event {id} is one of {}", event.task));
                }
                Some(_) => {}
            }
        }
        let run = answer.run?;
        match self.runs.get(&run) {
            None => Some(format!("its run {run} is not there")),
            Some(found) if answer.task.as_deref().is_some_and(|t| t != found.task.as_str()) => {
                Some(format!("its run {run} is one of {}", found.task))
            }
            Some(_) => None,
        }
    }
}

/// Names an operation for whoever has to find it.
pub(super) fn tell(operation: &Operation, what: &str) -> String {
    let Operation { who, id, verb, .. } = operation;
    let task = operation.task.as_deref().unwrap_or("a new task");
    format!("{verb} of {task} by {who} (operation {id}): {what}")
}
