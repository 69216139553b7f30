//! Sample tasks and boards to ask questions about: the plainest ones of each status.

use crate::command::Command;
use crate::id::{Assignee, ClaimLock, RunId, TaskId};
use crate::process::Process;
use crate::run::{Keeper, Run, Stop, StopTo};
use crate::task::{BlockMemory, Claim, GoalMode, Hold, Status, Task, Workspace, WorkspaceKind};
use crate::time::{Seconds, Timestamp};
use crate::view::{Child, Known, OpenParents, OtherParents, View};

/// The time at which all samples are asked about.
pub(crate) const NOW: Timestamp = Timestamp(1_000_000);

/// A board and a command.
pub(crate) struct Asked {
    pub(crate) view: View,
    pub(crate) command: Command,
}

/// The subject of every question.
pub(crate) fn task_id() -> TaskId {
    TaskId::from_random(0x10)
}

/// Its parent.
pub(crate) fn parent_id() -> TaskId {
    TaskId::from_random(0x20)
}

/// Its child.
pub(crate) fn child_id() -> TaskId {
    TaskId::from_random(0x30)
}

/// An id that no task has.
pub(crate) fn fresh_id() -> TaskId {
    TaskId::from_random(0x40)
}

/// The run of a running sample.
pub(crate) const RUN: RunId = RunId(7);

pub(crate) fn lock() -> ClaimLock {
    ClaimLock::new("host", 4_711, 1)
}

pub(crate) fn process(pid: i32) -> Process {
    Process { machine: "machine".into(), boot: "boot".into(), pid, started: 99 }
}

/// A board around the subject: a child that waits for it alone, no parent; a claim by hand where
/// it runs, a time that has come where it is scheduled.
pub(crate) fn view(status: Status) -> View {
    let task = task(status);
    let run = task.current_run.map(|_| open_run(&task));
    let child = Child { id: child_id(), status: Status::Todo, others: OtherParents::AllClosed };
    View { task: Some(task), run, children: vec![child], ..View::default() }
}

pub(crate) fn task(status: Status) -> Task {
    let runs = status == Status::Running;
    let claim = Claim { lock: lock(), expires: Some(NOW + Seconds(900)) };
    let due_at = (status == Status::Scheduled).then_some(NOW);
    Task {
        id: task_id(),
        title: "a sample".to_owned(),
        body: None,
        assignee: Assignee::parse("worker").ok(),
        status,
        priority: 0,
        created_by: None,
        created_at: Timestamp(1_000),
        started_at: runs.then_some(Timestamp(2_000)),
        completed_at: (status == Status::Done).then_some(Timestamp(3_000)),
        workspace: Workspace { kind: WorkspaceKind::Scratch, path: None, branch: None },
        project_id: None,
        claim: runs.then_some(claim),
        tenant: None,
        result: None,
        idempotency_key: None,
        consecutive_failures: 0,
        last_failure_error: None,
        worker_pid: None,
        max_runtime: None,
        last_heartbeat_at: None,
        current_run: runs.then_some(RUN),
        workflow_template_id: None,
        current_step_key: None,
        skills: None,
        model_override: None,
        max_retries: None,
        goal_mode: GoalMode::Off,
        goal_max_turns: None,
        session_id: None,
        block: BlockMemory::default(),
        hold: Hold { due_at, ..Hold::default() },
    }
}

fn open_run(task: &Task) -> Run {
    Run {
        id: RUN,
        task: task.id.clone(),
        profile: Some("worker".to_owned()),
        step_key: None,
        status: "running".to_owned(),
        claim: task.claim.clone(),
        worker_pid: None,
        max_runtime: None,
        last_heartbeat_at: None,
        started_at: Timestamp(2_000),
        ended_at: None,
        outcome: None,
        summary: None,
        metadata: None,
        error: None,
        keeper: None,
    }
}

/// A dispatcher claimed the subject's run, from this status, and no runner has registered yet.
pub(crate) fn dispatched(mut view: View, came_from: Status) -> View {
    if let Some(run) = &mut view.run {
        run.keeper = Some(Keeper {
            came_from,
            claimer: process(1),
            runner: None,
            worker: None,
            stop: None,
            gone_at: None,
        });
    }
    view
}

/// A runner keeps the subject's run, which was claimed from this status.
pub(crate) fn kept(view: View, came_from: Status) -> View {
    let mut view = dispatched(view, came_from);
    if let Some(keeper) = view.run.as_mut().and_then(|run| run.keeper.as_mut()) {
        (keeper.runner, keeper.worker) = (Some(process(2)), Some(process(3)));
    }
    if let Some(task) = view.task.as_mut().filter(|task| task.status == Status::Running) {
        task.worker_pid = Some(3);
    }
    view
}

/// Somebody asked to end the subject's run.
pub(crate) fn stopping(mut view: View, to: StopTo) -> View {
    if let Some(keeper) = view.run.as_mut().and_then(|run| run.keeper.as_mut()) {
        keeper.stop = Some(Stop { to, reason: None, by: "somebody".into(), at: NOW });
    }
    view
}

/// The lease of the subject's claim ran out a second ago.
pub(crate) fn lapsed(mut view: View) -> View {
    let claims = [
        view.task.as_mut().and_then(|task| task.claim.as_mut()),
        view.run.as_mut().and_then(|run| run.claim.as_mut()),
    ];
    for claim in claims.into_iter().flatten() {
        claim.expires = Some(Timestamp(NOW.0 - 1));
    }
    view
}

/// The subject has an open parent.
pub(crate) fn waiting(mut view: View) -> View {
    view.open_parents = OpenParents { count: 1, named: vec![parent_id()] };
    view
}

/// A task of this status is named beside the subject.
pub(crate) fn beside(mut view: View, id: TaskId, status: Status) -> View {
    view.known.push(Known { id, status: Some(status), created_by: None, child_of_subject: false });
    view
}

/// The subject, to be changed.
pub(crate) fn with(mut view: View, change: impl FnOnce(&mut Task)) -> View {
    if let Some(task) = &mut view.task {
        change(task);
    }
    view
}
