//! Why a ready task has not started: each obstacle between it and a worker.

use super::{Why, no_dispatcher, why};
use crate::commands::why::capacity::Capacity;
use crate::commands::why::facts::{Facts, ProfileState};
use crate::when;
use andon_core::policy::retry::Cause;

/// Everything between a ready task and its start.
pub(super) fn startable(facts: &Facts) -> Vec<Why> {
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
            "{id} is {status} and nothing that is known here stands in its way: the dispatcher is \
             about to start it{nth}, unless a flag or a variable of its own, such as `--max`, \
             holds it back."
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

pub(super) const fn told(cause: Cause) -> &'static str {
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
