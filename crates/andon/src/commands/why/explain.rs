//! The explanation: a pure function of the facts. What stands in the way comes in the order in
//! which it would have to be removed, so the first reason is the answer.

mod running;
mod startable;

use super::dispatcher::DispatcherState;
use super::facts::{Facts, Parked};
use crate::when;
use andon_core::id::BoardSlug;
use andon_core::task::Status;
use andon_core::time::Timestamp;
use andon_daemon::quarantine::Record;
use running::running;
use startable::startable;

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    /// Stable name.
    pub(super) code: &'static str,
    /// For people: why, and what would change it.
    pub(super) sentence: String,
}

fn why(code: &'static str, sentence: String) -> Why {
    Why { code, sentence }
}

/// Why nothing of a board in quarantine runs.
pub(super) fn quarantined(board: &BoardSlug, record: &Record) -> Why {
    let next = when::local(Timestamp(record.next));
    let reason = &record.reason;
    why(
        "quarantined",
        format!(
            "Board {board} is in quarantine because {reason}; it is looked at again at {next}, or \
             as soon as its file changes."
        ),
    )
}

/// Explains. There is always at least one reason, and the first is the nearest.
pub(super) fn explain(facts: &Facts) -> Vec<Why> {
    match facts.task.status {
        Status::Done => vec![done(facts)],
        Status::Archived => vec![archived(facts)],
        Status::Running => running(facts),
        Status::Blocked => vec![blocked(facts)],
        Status::Scheduled => scheduled(facts),
        Status::Triage => vec![triage(facts)],
        Status::Todo => todo(facts),
        Status::Ready | Status::Review => startable(facts),
    }
}

fn done(facts: &Facts) -> Why {
    let task = &facts.task;
    let by = facts.last_run.as_ref().and_then(|run| run.profile.as_deref());
    let by = by.map(|name| format!(" by {name}")).unwrap_or_default();
    let at = task.completed_at.map(|at| format!(" at {}", when::local(at))).unwrap_or_default();
    why(
        "done",
        format!("{} is done: it was finished{by}{at}, and nothing is left to run.", task.id),
    )
}

fn archived(facts: &Facts) -> Why {
    let id = &facts.task.id;
    why("archived", format!("{id} is archived: a task that was put away does not run again."))
}

fn blocked(facts: &Facts) -> Why {
    let id = &facts.task.id;
    let Some(Parked { kind, reason, by, failures }) = &facts.parked else {
        let text = format!("{id} was made blocked: `andon unblock {id}` lets it run.");
        return why("blocked", text);
    };
    let because = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match kind.as_str() {
        "gave_up" => {
            let after =
                failures.map(|count| format!(" after {count} failures")).unwrap_or_default();
            why(
                "gave_up",
                format!(
                    "{id} is blocked because its breaker opened{after}{because}; look at \
                     `andon log {id}`, mend the cause, then `andon unblock {id}`."
                ),
            )
        }
        "cancelled" => {
            let by = by.as_deref().unwrap_or("somebody");
            why(
                "cancelled",
                format!(
                    "{id} is blocked because {by} cancelled it{because}; `andon unblock {id}` lets \
                     it run again."
                ),
            )
        }
        _ => {
            let kind = facts.task.block.kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
            why(
                "blocked",
                format!("{id} is blocked{kind}{because}; `andon unblock {id}` lets it go on."),
            )
        }
    }
}

fn scheduled(facts: &Facts) -> Vec<Why> {
    let id = &facts.task.id;
    let reason = facts.parked.as_ref().and_then(|parked| parked.reason.as_ref());
    let because = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    match facts.task.hold.due_at {
        Some(at) => {
            let text = format!(
                "{id} is parked until {}{because}; `andon unblock {id}` lets it run earlier.",
                when::local(at)
            );
            with_dispatcher(facts, why("scheduled", text))
        }
        None => vec![why(
            "parked",
            format!("{id} is parked without a time{because}; `andon unblock {id}` lets it run."),
        )],
    }
}

fn triage(facts: &Facts) -> Why {
    let id = &facts.task.id;
    let loops = facts.parked.as_ref().and_then(|parked| parked.reason.as_ref());
    match loops {
        Some(reason) => why(
            "block_loop",
            format!(
                "{id} is in triage because it was blocked again and again for one kind of reason \
                 ({reason}); settle that, then make a new task of it and `andon archive {id}`."
            ),
        ),
        None => why(
            "triage",
            format!(
                "{id} is an idea in triage that no worker takes: make a task of it with `andon \
                 create`, then `andon archive {id}`."
            ),
        ),
    }
}

fn todo(facts: &Facts) -> Vec<Why> {
    let id = &facts.task.id;
    let parents = &facts.parents;
    if parents.count == 0 {
        let text = format!("{id} waits for nothing any more: a dispatcher makes it ready.");
        return with_dispatcher(facts, why("settling", text));
    }
    let tasks = if parents.count == 1 { "a task that is" } else { "tasks that are" };
    vec![why(
        "open_parents",
        format!(
            "{id} waits for {tasks} not done: {}; `andon promote {id} --force` would not wait.",
            parents.listed()
        ),
    )]
}

fn no_dispatcher(facts: &Facts) -> Option<Why> {
    match facts.dispatcher {
        DispatcherState::Serving => None,
        DispatcherState::Late(span) => Some(why(
            "dispatcher_late",
            format!(
                "{} is {}, but the dispatcher of board {} has made no whole pass for {}: see \
                 `andon doctor`.",
                facts.task.id,
                facts.task.status,
                facts.board,
                when::elapsed(span)
            ),
        )),
        DispatcherState::Absent => Some(why(
            "no_dispatcher",
            format!(
                "{} is {}, but no dispatcher serves board {}: start one with `andon up`.",
                facts.task.id, facts.task.status, facts.board
            ),
        )),
    }
}

/// A reason that only a dispatcher removes, with the reason that there is none.
fn with_dispatcher(facts: &Facts, reason: Why) -> Vec<Why> {
    std::iter::once(reason).chain(no_dispatcher(facts)).collect()
}

#[cfg(test)]
pub(super) mod tests;
