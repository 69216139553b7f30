//! Claims about tasks: a status and what goes along with it.

use super::{Board, Grade, Invariant};
use crate::task::{PastParents, Status, Task};
use std::collections::BTreeSet;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "task_ids_differ",
        sentence: "No two tasks have the same id.",
        grade: Grade::Broken,
        check: ids_differ,
    },
    Invariant {
        name: "running_has_its_run",
        sentence: "A running task names an open run of its own, held by the same lock.",
        grade: Grade::Broken,
        check: |board| board.each_task(|task| running_without_run(board, task)),
    },
    Invariant {
        // A number that was left on a resting task stays there when the peer claims it. The run's
        // is the one that counts.
        name: "running_names_one_worker",
        sentence: "A running task and its run name the same worker.",
        grade: Grade::Pending,
        check: |board| board.each_task(|task| running_with_another_worker(board, task)),
    },
    Invariant {
        name: "running_has_started",
        sentence: "A running task says when it was first claimed.",
        grade: Grade::Broken,
        check: |board| {
            board.each_task(|task| {
                let lacks = task.status == Status::Running && task.started_at.is_none();
                lacks.then(|| "is running and was never started".to_owned())
            })
        },
    },
    Invariant {
        name: "resting_holds_nothing",
        sentence: "A task that is not running has no claim and no run.",
        grade: Grade::Broken,
        check: |board| board.each_task(resting_with_leftovers),
    },
    Invariant {
        // The peer notes the number of a worker that it started whatever became of the task since:
        // a quick one has reported already. Nothing asks a resting task for its worker, and the
        // next claim takes the number away.
        name: "resting_has_no_worker",
        sentence: "A task that is not running has no worker.",
        grade: Grade::Pending,
        check: |board| {
            board.each_task(|task| {
                let pid = task.worker_pid.filter(|_| task.status != Status::Running)?;
                Some(format!("is {} and still has worker {pid}", task.status))
            })
        },
    },
    Invariant {
        name: "heartbeat_ends_with_its_run",
        sentence: "A task that is not running has no heartbeat.",
        grade: Grade::Pending,
        check: |board| {
            board.each_task(|task| {
                let beat = task.last_heartbeat_at.filter(|_| task.status != Status::Running)?;
                Some(format!("is {} and still has its heartbeat of {beat}", task.status))
            })
        },
    },
    Invariant {
        name: "done_has_its_time",
        sentence: "A finished task says when it was finished.",
        grade: Grade::Broken,
        check: |board| {
            board.each_task(|task| {
                let lacks = task.status == Status::Done && task.completed_at.is_none();
                lacks.then(|| "is done and was never completed".to_owned())
            })
        },
    },
    Invariant {
        name: "counters_are_counts",
        sentence: "Counters of failures and of repeated blocks are not negative.",
        grade: Grade::Broken,
        check: |board| {
            board.each_task(|task| {
                let (failures, blocks) = (task.consecutive_failures, task.block.recurrences);
                let negative = failures < 0 || blocks < 0;
                negative.then(|| format!("counts {failures} failures and {blocks} blocks"))
            })
        },
    },
    Invariant {
        name: "title_is_there",
        sentence: "Every task has a title.",
        grade: Grade::Broken,
        check: |board| {
            board.each_task(|task| {
                task.title.trim().is_empty().then(|| "has an empty title".to_owned())
            })
        },
    },
    Invariant {
        name: "ready_waits_for_nobody",
        sentence: "A ready task has no open parent, unless it was promoted past them.",
        grade: Grade::Pending,
        check: |board| {
            board.each_task(|task| {
                let waits =
                    task.status == Status::Ready && task.hold.past_parents == PastParents::Wait;
                let parent = board.open_parent(&task.id).filter(|_| waits)?;
                Some(format!("is ready while its parent {parent} is open"))
            })
        },
    },
    Invariant {
        name: "todo_waits_for_somebody",
        sentence: "A waiting task has at least one open parent.",
        grade: Grade::Pending,
        check: |board| {
            board.each_task(|task| {
                let free = task.status == Status::Todo && board.open_parent(&task.id).is_none();
                free.then(|| "waits and every parent of it is finished".to_owned())
            })
        },
    },
    Invariant {
        name: "due_is_scheduled",
        sentence: "Only a scheduled task has a time at which it wakes.",
        grade: Grade::Pending,
        check: |board| {
            board.each_task(|task| {
                let due = task.hold.due_at.filter(|_| task.status != Status::Scheduled)?;
                Some(format!("is {} and would wake at {due}", task.status))
            })
        },
    },
];

fn ids_differ(board: &Board<'_>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let repeated = board.snapshot.tasks.iter().filter(|task| !seen.insert(&task.id));
    repeated.map(|task| format!("task {} is there twice", task.id)).collect()
}

fn running_without_run(board: &Board<'_>, task: &Task) -> Option<String> {
    if task.status != Status::Running {
        return None;
    }
    let Some(id) = task.current_run else {
        return Some("is running without a run".to_owned());
    };
    let Some(run) = board.runs.get(&id) else {
        return Some(format!("names run {id}, which does not exist"));
    };
    if run.task != task.id {
        return Some(format!("names run {id}, which belongs to {}", run.task));
    }
    if !run.is_open() {
        return Some(format!("names run {id}, which has ended"));
    }
    if task.claim.is_none() || task.claim != run.claim {
        return Some(format!("and run {id} are not held by the same claim"));
    }
    None
}

fn running_with_another_worker(board: &Board<'_>, task: &Task) -> Option<String> {
    let run = board.runs.get(&task.current_run.filter(|_| task.status == Status::Running)?)?;
    let differs = task.worker_pid != run.worker_pid;
    differs.then(|| format!("and run {} name different workers", run.id))
}

fn resting_with_leftovers(task: &Task) -> Option<String> {
    if task.status == Status::Running {
        return None;
    }
    let left: Vec<&str> =
        [("a claim", task.claim.is_some()), ("a run", task.current_run.is_some())]
            .into_iter()
            .filter_map(|(what, is_left)| is_left.then_some(what))
            .collect();
    (!left.is_empty()).then(|| format!("is {} and still has {}", task.status, left.join(", ")))
}
