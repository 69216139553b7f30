//! Claims about runs: one at a time, and nothing left open.

use super::{Board, Grade, Invariant};
use crate::id::TaskId;
use crate::run::Run;
use std::collections::BTreeMap;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "run_has_its_task",
        sentence: "Every run belongs to a task that exists.",
        grade: Grade::Broken,
        check: |board| {
            board.each_run(|run| {
                (!board.tasks.contains_key(&run.task)).then(|| "has lost its task".to_owned())
            })
        },
    },
    Invariant {
        name: "one_open_run",
        sentence: "A task has at most one open run.",
        grade: Grade::Broken,
        check: one_open_run,
    },
    Invariant {
        name: "open_run_is_current",
        sentence: "An open run is the current run of its task.",
        grade: Grade::Broken,
        check: |board| {
            board.each_run(|run| {
                let current = board.tasks.get(&run.task)?.current_run;
                let stray = run.is_open() && current != Some(run.id);
                stray.then(|| "is open and not its task's current run".to_owned())
            })
        },
    },
    Invariant {
        name: "open_run_is_held",
        sentence: "An open run is held by a claim and has no outcome.",
        grade: Grade::Broken,
        check: |board| board.each_run(open_without_claim),
    },
    Invariant {
        name: "closed_run_is_over",
        sentence: "A closed run has an outcome, no claim and no worker.",
        grade: Grade::Broken,
        check: |board| board.each_run(closed_and_not_over),
    },
    Invariant {
        // Ours never do; the peer writes what a clock says that was set back.
        name: "run_ends_after_its_begin",
        sentence: "A run did not end before it began.",
        grade: Grade::Pending,
        check: |board| {
            board.each_run(|run| {
                let ended = run.ended_at.filter(|ended| *ended < run.started_at)?;
                Some(format!("began at {} and ended at {ended}", run.started_at))
            })
        },
    },
    Invariant {
        name: "gone_means_closed",
        sentence: "A run whose processes are gone is closed.",
        grade: Grade::Broken,
        check: |board| {
            board.each_run(|run| {
                let gone = run.keeper.as_ref().and_then(|keeper| keeper.gone_at);
                (run.is_open() && gone.is_some()).then(|| "is open without a process".to_owned())
            })
        },
    },
    Invariant {
        name: "runner_and_worker_together",
        sentence: "A run names its runner and its worker together.",
        grade: Grade::Broken,
        check: |board| {
            board.each_run(|run| {
                let keeper = run.keeper.as_ref()?;
                let half = keeper.runner.is_some() != keeper.worker.is_some();
                half.then(|| "names only one of runner and worker".to_owned())
            })
        },
    },
    Invariant {
        name: "one_live_tree",
        sentence: "At most one run of a task has processes that may live.",
        grade: Grade::Broken,
        check: one_live_tree,
    },
];

fn one_open_run(board: &Board<'_>) -> Vec<String> {
    let mut open: BTreeMap<&TaskId, usize> = BTreeMap::new();
    for run in board.snapshot.runs.iter().filter(|run| run.is_open()) {
        *open.entry(&run.task).or_default() += 1;
    }
    let several = open.into_iter().filter(|(_, count)| *count > 1);
    several.map(|(task, count)| format!("task {task} has {count} open runs")).collect()
}

fn open_without_claim(run: &Run) -> Option<String> {
    if !run.is_open() {
        return None;
    }
    if run.claim.is_none() {
        return Some("is open and held by nobody".to_owned());
    }
    let outcome = run.outcome.as_ref()?;
    Some(format!("is open with the outcome {outcome}"))
}

fn closed_and_not_over(run: &Run) -> Option<String> {
    if run.is_open() {
        return None;
    }
    if run.outcome.is_none() {
        return Some("is closed without an outcome".to_owned());
    }
    let is_held = run.claim.is_some() || run.worker_pid.is_some();
    is_held.then(|| "is closed and still held".to_owned())
}

fn one_live_tree(board: &Board<'_>) -> Vec<String> {
    let may_live = |run: &&Run| {
        let keeper = run.keeper.as_ref();
        keeper.is_some_and(|keeper| keeper.gone_at.is_none())
    };
    let mut live: BTreeMap<&TaskId, usize> = BTreeMap::new();
    for run in board.snapshot.runs.iter().filter(may_live) {
        *live.entry(&run.task).or_default() += 1;
    }
    let several = live.into_iter().filter(|(_, count)| *count > 1);
    several.map(|(task, count)| format!("task {task} has {count} live process trees")).collect()
}
