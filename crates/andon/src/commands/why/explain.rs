//! The explanation: a pure function of the facts. What stands in the way comes in the order in
//! which it would have to be removed, so the first reason is the answer.

use super::facts::{Capacity, DispatcherState, Facts, OpenRun, Parked, ProfileState};
use crate::when;
use andon_core::id::BoardSlug;
use andon_core::policy::retry::Cause;
use andon_core::run::Keeper;
use andon_core::task::Status;
use andon_core::time::Timestamp;
use andon_daemon::quarantine::Record;
use andon_runner::identity::Liveness;

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

fn running(facts: &Facts) -> Vec<Why> {
    let id = &facts.task.id;
    let Some(OpenRun { run, runner }) = &facts.run else {
        let text = format!(
            "{id} is marked as running but has no run; a dispatcher takes it back when its claim \
             lapses."
        );
        return with_dispatcher(facts, why("no_run", text));
    };
    let (since, n) = (when::local(run.started_at), run.id);
    let by = run.profile.as_deref().unwrap_or("nobody");
    let expires = run.claim.as_ref().and_then(|claim| claim.expires);
    let lease = expires.map_or_else(
        || "its claim does not lapse".to_owned(),
        |at| format!("its claim lasts until {} unless renewed", when::local(at)),
    );
    let Some(keeper) = &run.keeper else {
        let holder = run.claim.as_ref().map_or("an unknown holder", |claim| claim.lock.as_str());
        let text = format!("{id} is running since {since}: {holder} claimed it; {lease}.");
        return vec![why("claimed_outside", text)];
    };
    if let Some(stop) = &keeper.stop {
        let (to, who) = (stop.to, &stop.by);
        let text = format!(
            "{id} is being ended, as {who} wished: it becomes {to} when every process of run {n} \
             is gone."
        );
        return vec![why("stopping", text)];
    }
    match runner {
        None => {
            let text = format!("{id} is being started: run {n} of {by} was claimed at {since}.");
            vec![why("starting", text)]
        }
        Some(Liveness::Gone | Liveness::OtherBoot) => {
            let text = format!(
                "{id} counts as running since {since}, but the runner of run {n} is dead; a \
                 dispatcher records that and tries again."
            );
            with_dispatcher(facts, why("runner_lost", text))
        }
        Some(Liveness::Alive | Liveness::ForeignHost) => {
            let span = when::elapsed(facts.now - run.started_at);
            let processes = processes(keeper, *runner);
            let text = format!(
                "{id} is running since {since} ({span}): run {n} of {by}, {processes}; {lease}."
            );
            vec![why("running", text)]
        }
    }
}

fn processes(keeper: &Keeper, runner: Option<Liveness>) -> String {
    let pid = |process: &Option<andon_core::process::Process>| {
        process.as_ref().map_or_else(|| "?".to_owned(), |process| process.pid.to_string())
    };
    let machine = keeper.runner.as_ref().map_or("?", |process| process.machine.as_str());
    let host = match runner {
        Some(Liveness::ForeignHost) => format!("host {machine}"),
        _ => "this host".to_owned(),
    };
    format!("worker {} kept by runner {} on {host}", pid(&keeper.worker), pid(&keeper.runner))
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

/// Everything between a ready task and its start.
fn startable(facts: &Facts) -> Vec<Why> {
    let mut reasons: Vec<Why> = Vec::new();
    reasons.extend(profile(facts));
    reasons.extend(paused(facts));
    let is_manual = matches!(facts.profile, ProfileState::Manual(_));
    if !is_manual {
        reasons.extend(no_dispatcher(facts));
    }
    reasons.extend(cooling_down(facts));
    reasons.extend(still_ending(facts));
    reasons.extend(full(facts));
    if reasons.is_empty() {
        let id = &facts.task.id;
        let (status, nth) = (facts.task.status, place(&facts.capacity));
        let text = format!(
            "{id} is {status} and nothing stands in its way: the dispatcher is about to start \
             it{nth}."
        );
        reasons.push(why("starting_soon", text));
    }
    reasons
}

fn profile(facts: &Facts) -> Option<Why> {
    let id = &facts.task.id;
    Some(match &facts.profile {
        ProfileState::Startable(_) => return None,
        ProfileState::Nobody => why(
            "unassigned",
            format!(
                "{id} belongs to nobody and board {} has no default: give it to a profile with \
                 `andon assign {id} <profile>`.",
                facts.board
            ),
        ),
        ProfileState::Unknown(name) => why(
            "unknown_profile",
            format!(
                "{id} belongs to {name}, and there is no such profile: see `andon profiles`, or \
                 give it to another one with `andon assign {id} <profile>`."
            ),
        ),
        ProfileState::Manual(name) => why(
            "manual_profile",
            format!(
                "{id} waits for {name} to take it: nothing is started for a manual profile; \
                 `andon claim {id}` takes it."
            ),
        ),
        ProfileState::Broken { name, problem, hint } => why(
            "profile_cannot_start",
            format!("{id} belongs to {name}, which cannot start here: {problem} ({hint})."),
        ),
    })
}

fn paused(facts: &Facts) -> Option<Why> {
    let pause = facts.pause.as_ref()?;
    let because = pause.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let (by, at, board) = (&pause.by, when::local(pause.at), &facts.board);
    let (id, status) = (&facts.task.id, facts.task.status);
    let text = format!(
        "{id} is {status}, but board {board} is paused by {by} since {at}{because}: `andon resume` \
         lets its tasks start."
    );
    Some(why("paused", text))
}

fn no_dispatcher(facts: &Facts) -> Option<Why> {
    match facts.dispatcher {
        DispatcherState::Serving => None,
        DispatcherState::Absent => Some(why(
            "no_dispatcher",
            format!(
                "{} is {}, but no dispatcher serves board {}: start one with `andon up`.",
                facts.task.id, facts.task.status, facts.board
            ),
        )),
    }
}

fn cooling_down(facts: &Facts) -> Option<Why> {
    let until = facts.task.hold.not_before.filter(|until| *until > facts.now)?;
    let id = &facts.task.id;
    let after = match facts.failures() {
        Some((cause, count, limit)) => format!(" after {} ({count} of {limit})", told(cause)),
        None => String::new(),
    };
    let error = facts.task.last_failure_error.as_deref().filter(|text| !text.is_empty());
    let error = error.map(|text| format!(": {text}")).unwrap_or_default();
    let (at, left) = (when::local(until), when::elapsed(until - facts.now));
    let text = format!("{id} is tried again at {at} (in {left}){after}{error}.");
    Some(why("cooling_down", text))
}

const fn told(cause: Cause) -> &'static str {
    match cause {
        Cause::Spawn => "a failed start",
        Cause::Crash => "a crash",
        Cause::Timeout => "a run that took too long",
        Cause::RateLimit => "throttling by its provider",
        Cause::Protocol => "a run that ended without saying how",
        Cause::Stale => "a run without a sign of life",
    }
}

fn still_ending(facts: &Facts) -> Option<Why> {
    let run = facts.still_ending?;
    let id = &facts.task.id;
    let text = format!("{id} starts when the last processes of its earlier run {run} are gone.");
    Some(why("still_ending", text))
}

fn full(facts: &Facts) -> Option<Why> {
    let capacity = &facts.capacity;
    let (id, nth) = (&facts.task.id, place(capacity));
    if let (ProfileState::Startable(name), Some(limit)) = (&facts.profile, capacity.profile_limit)
        && capacity.of_profile >= limit
    {
        let running = capacity.of_profile;
        let text = format!(
            "{id} waits for a place of {name}: {running} of its {limit} runs are under way{nth}."
        );
        return Some(why("profile_full", text));
    }
    let limit = capacity.limit.filter(|limit| capacity.running >= *limit)?;
    let (board, running) = (&facts.board, capacity.running);
    let text = format!(
        "{id} waits for a place: {running} of the {limit} runs of board {board} are under \
         way{nth}; `max_in_progress` sets the limit."
    );
    Some(why("board_full", text))
}

fn place(capacity: &Capacity) -> String {
    capacity.place.map(|place| format!(", and it is number {place} in line")).unwrap_or_default()
}

/// A reason that only a dispatcher removes, with the reason that there is none.
fn with_dispatcher(facts: &Facts, reason: Why) -> Vec<Why> {
    std::iter::once(reason).chain(no_dispatcher(facts)).collect()
}

#[cfg(test)]
mod tests;
