//! Claims about the history: events and runs in the order in which they happened.

use super::{Board, Grade, Invariant};
use crate::event::Event;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        // The peer deletes a task with its events, and may write another one for it afterwards: the
        // number of a worker, a completion with cards that it does not believe. Nobody reads the
        // history of a task that does not exist.
        name: "event_has_its_task",
        sentence: "Every event belongs to a task that exists.",
        grade: Grade::Pending,
        check: |board| {
            each_event(board, |event| {
                (!board.tasks.contains_key(&event.task))
                    .then(|| format!("belongs to {}, which does not exist", event.task))
            })
        },
    },
    Invariant {
        name: "event_has_its_run",
        sentence: "An event that names a run names one of its own task.",
        grade: Grade::Broken,
        check: |board| {
            each_event(board, |event| {
                let id = event.run?;
                match board.runs.get(&id) {
                    None => Some(format!("names run {id}, which does not exist")),
                    Some(run) if run.task != event.task => {
                        Some(format!("of {} names run {id} of {}", event.task, run.task))
                    }
                    Some(_) => None,
                }
            })
        },
    },
    Invariant {
        name: "event_ids_grow",
        sentence: "Each event has a greater id than the one before it.",
        grade: Grade::Broken,
        check: |board| {
            let pairs = board.snapshot.events.windows(2).filter(|pair| pair[1].id <= pair[0].id);
            pairs.map(|pair| format!("event {} follows event {}", pair[1].id, pair[0].id)).collect()
        },
    },
    Invariant {
        name: "event_times_grow",
        sentence: "No event is older than the one before it.",
        grade: Grade::Pending,
        check: |board| {
            let pairs = board.snapshot.events.windows(2).filter(|pair| pair[1].at < pair[0].at);
            pairs
                .map(|pair| format!("event {} is older than event {}", pair[1].id, pair[0].id))
                .collect()
        },
    },
    Invariant {
        name: "run_ids_grow",
        sentence: "A run with a greater id did not begin earlier.",
        grade: Grade::Pending,
        check: |board| {
            let mut runs: Vec<_> = board.snapshot.runs.iter().collect();
            runs.sort_by_key(|run| run.id);
            let pairs = runs.windows(2).filter(|pair| pair[1].started_at < pair[0].started_at);
            pairs
                .map(|pair| format!("run {} began before run {}", pair[1].id, pair[0].id))
                .collect()
        },
    },
    Invariant {
        name: "run_ids_differ",
        sentence: "No two runs have the same id.",
        grade: Grade::Broken,
        check: |board| {
            let twice = board.snapshot.runs.len().saturating_sub(board.runs.len());
            let what = || format!("{twice} runs have the id of another");
            (twice > 0).then(what).into_iter().collect()
        },
    },
];

fn each_event(board: &Board<'_>, fails: impl Fn(&Event) -> Option<String>) -> Vec<String> {
    let events = board.snapshot.events.iter();
    events.filter_map(|event| Some(format!("event {} {}", event.id, fails(event)?))).collect()
}
