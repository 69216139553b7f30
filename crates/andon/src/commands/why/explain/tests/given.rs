//! Facts of a task that is about to start, to be changed in one thing.

use crate::commands::why::capacity::Capacity;
use crate::commands::why::dispatcher::DispatcherState;
use crate::commands::why::explain::explain;
use crate::commands::why::facts::{Facts, OpenRun, Parked, ProfileState};
use crate::commands::why::parents::Parents;
use andon_core::id::{Assignee, BoardSlug, ClaimLock, RunId, TaskId};
use andon_core::policy::Policy;
use andon_core::process::Process;
use andon_core::run::{Keeper, Run};
use andon_core::task::{
    BlockMemory, Claim, GoalMode, Hold, Status, Task, Workspace, WorkspaceKind,
};
use andon_core::time::Timestamp;
use andon_runner::identity::Liveness;

pub(super) const NOW: Timestamp = Timestamp(1_000_000);

pub(super) fn id(digit: char) -> TaskId {
    TaskId::parse(&format!("t_{}", String::from(digit).repeat(8))).unwrap()
}

pub(in crate::commands::why) fn alice() -> Assignee {
    Assignee::parse("alice").unwrap()
}

pub(in crate::commands::why) fn task(status: Status) -> Task {
    Task {
        id: id('1'),
        title: "Write".to_owned(),
        body: None,
        assignee: Some(alice()),
        status,
        priority: 0,
        created_by: None,
        created_at: Timestamp(0),
        started_at: None,
        completed_at: None,
        workspace: Workspace { kind: WorkspaceKind::Scratch, path: None, branch: None },
        project_id: None,
        claim: None,
        tenant: None,
        result: None,
        idempotency_key: None,
        consecutive_failures: 0,
        last_failure_error: None,
        worker_pid: None,
        max_runtime: None,
        last_heartbeat_at: None,
        current_run: None,
        workflow_template_id: None,
        current_step_key: None,
        skills: None,
        model_override: None,
        max_retries: None,
        goal_mode: GoalMode::Off,
        goal_max_turns: None,
        session_id: None,
        block: BlockMemory::default(),
        hold: Hold::default(),
    }
}

pub(super) fn facts(status: Status) -> Facts {
    Facts {
        now: NOW,
        board: BoardSlug::default_board(),
        task: task(status),
        run: None,
        last_run: None,
        parked: None,
        parents: Parents::default(),
        profile: ProfileState::Startable(alice()),
        pause: None,
        dispatcher: DispatcherState::Serving,
        still_ending: None,
        capacity: Capacity::default(),
        policy: Policy::default(),
    }
}

pub(super) fn process(pid: i32) -> Process {
    Process { machine: "m".to_owned(), boot: "b".to_owned(), pid, started: 1 }
}

pub(super) fn run() -> Run {
    Run {
        id: RunId(7),
        task: id('1'),
        profile: Some("alice".to_owned()),
        step_key: None,
        status: "running".to_owned(),
        claim: Some(Claim { lock: ClaimLock::new("host", 1, 2), expires: Some(NOW) }),
        worker_pid: Some(42),
        max_runtime: None,
        last_heartbeat_at: None,
        started_at: Timestamp(NOW.0 - 90),
        ended_at: None,
        outcome: None,
        summary: None,
        metadata: None,
        error: None,
        keeper: Some(Keeper {
            came_from: Status::Ready,
            claimer: process(40),
            runner: Some(process(41)),
            worker: Some(process(42)),
            stop: None,
            gone_at: None,
        }),
    }
}

pub(super) fn running_with(change: impl FnOnce(&mut OpenRun)) -> Facts {
    let mut open = OpenRun { run: run(), runner: Some(Liveness::Alive) };
    change(&mut open);
    Facts { run: Some(open), ..facts(Status::Running) }
}

pub(super) fn parked(kind: &str, reason: Option<&str>) -> Option<Parked> {
    Some(Parked {
        kind: kind.to_owned(),
        reason: reason.map(str::to_owned),
        by: Some("bob".to_owned()),
        failures: Some(3),
    })
}

pub(super) fn codes(facts: &Facts) -> Vec<&'static str> {
    explain(facts).iter().map(|why| why.code).collect()
}

/// The only reason has this code, and its sentence says all of this.
#[track_caller]
pub(super) fn is_told(facts: &Facts, code: &str, parts: &[&str]) {
    let reasons = explain(facts);
    assert_eq!(codes(facts), [code]);
    let sentence = &reasons[0].sentence;
    assert!(sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not in: {sentence}");
    }
}
