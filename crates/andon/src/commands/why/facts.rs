//! What is known about a task that might say why it is not running: read from the board, the
//! settings, the profiles and this host. It judges nothing.

use super::capacity::{self, Capacity};
use super::dispatcher::DispatcherState;
use super::parents::{self, Parents};
use crate::app::Ctx;
use crate::error::CliError;
use crate::target::{self, Board};
use andon_core::id::{Assignee, BoardSlug, RunId, TaskId};
use andon_core::policy::Policy;
use andon_core::policy::retry::Cause;
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use andon_core::time::Timestamp;
use andon_core::view::Pause;
use andon_daemon::config::Config;
use andon_daemon::home::Home;
use andon_daemon::profile::{Action, Profiles, check};
use andon_runner::identity::{Host, Liveness};
use andon_store::EventFilter;
use serde_json::{Value, json};

/// Events read to find out why a task was parked; a task is parked a few times in its life.
const PARKED_EVENTS_MAX: usize = 1_000;

/// Everything that an explanation may need.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) board: BoardSlug,
    pub(super) task: Task,
    /// The open run.
    pub(super) run: Option<OpenRun>,
    /// The run that ended last.
    pub(super) last_run: Option<Run>,
    /// Why it was parked, as the event says.
    pub(super) parked: Option<Parked>,
    pub(super) parents: Parents,
    pub(super) profile: ProfileState,
    pub(super) pause: Option<Pause>,
    pub(super) dispatcher: DispatcherState,
    /// An earlier run whose processes are not gone.
    pub(super) still_ending: Option<RunId>,
    pub(super) capacity: Capacity,
    pub(super) policy: Policy,
}

/// An open run and its runner.
#[derive(Debug, Clone)]
pub(super) struct OpenRun {
    pub(super) run: Run,
    /// Nothing is known of claims by people and other programs.
    pub(super) runner: Option<Liveness>,
}

/// The event by which a task was parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parked {
    pub(super) kind: String,
    pub(super) reason: Option<String>,
    pub(super) by: Option<String>,
    pub(super) failures: Option<i64>,
}

/// Who would do the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProfileState {
    /// Nobody, and the board has no default.
    Nobody,
    /// No profile has the name.
    Unknown(Assignee),
    /// A person or an outside worker.
    Manual(Assignee),
    /// It cannot start here.
    Broken { name: Assignee, problem: String, hint: String },
    /// It can.
    Startable(Assignee),
}

/// Reads everything.
pub(super) fn gather(ctx: &Ctx, home: &Home, id: &TaskId) -> Result<Facts, CliError> {
    let board = ctx.target.open_in(home)?;
    let config = ctx.target.config(home, &board.choice)?;
    let profiles = Profiles::load(home)?;
    let now = target::now();
    let store = board.store.as_ref();
    let task = store.task_get(id)?.ok_or_else(|| CliError::unknown_task(id))?;
    let run = task.current_run.map(|current| store.run_get(current)).transpose()?.flatten();
    let profile = profile_state(ctx, &task, &config, &profiles);
    let capacity = capacity::gather(&board, (&task, &profile), (&config, &profiles), now)?;
    let dispatcher = DispatcherState::of(&board, config.dispatch_interval);
    Ok(Facts {
        now,
        board: board.choice.layout.slug().clone(),
        run: run.filter(|run| run.task == *id).map(open_run),
        last_run: store.run_newest(id, 1)?.rows.pop(),
        parked: parked(&board, &task)?,
        parents: parents::gather(&board, &task)?,
        profile,
        pause: store.pause_get()?,
        dispatcher,
        still_ending: store.run_lingering(id)?.map(|run| run.id),
        capacity,
        policy: config.policy,
        task,
    })
}

fn open_run(run: Run) -> OpenRun {
    let runner = run.keeper.as_ref().and_then(|keeper| keeper.runner.as_ref());
    // A host that cannot be identified says nothing about its processes.
    let host = Host::read().ok();
    let liveness = runner.and_then(|runner| host.map(|host| host.liveness(runner)));
    OpenRun { run, runner: liveness }
}

fn profile_state(ctx: &Ctx, task: &Task, config: &Config, profiles: &Profiles) -> ProfileState {
    let Some(name) = task.assignee.as_ref().or(config.default_assignee.as_ref()) else {
        return ProfileState::Nobody;
    };
    let Some(profile) = profiles.get(name) else { return ProfileState::Unknown(name.clone()) };
    match profile.action {
        Action::Manual => ProfileState::Manual(name.clone()),
        Action::Start(_) => match check(profile, ctx.target.env()).first() {
            None => ProfileState::Startable(name.clone()),
            Some(problem) => ProfileState::Broken {
                name: name.clone(),
                problem: problem.to_string(),
                hint: problem.hint(),
            },
        },
    }
}

/// The newest event that parked the task, if it is parked.
pub(super) fn parked(board: &Board, task: &Task) -> Result<Option<Parked>, CliError> {
    let kinds: &[&str] = match task.status {
        Status::Blocked => &["blocked", "gave_up", "cancelled"],
        Status::Scheduled => &["scheduled"],
        Status::Triage => &["block_loop_detected"],
        Status::Todo
        | Status::Ready
        | Status::Running
        | Status::Review
        | Status::Done
        | Status::Archived => return Ok(None),
    };
    let events = board.store.event_list(&EventFilter {
        task: Some(task.id.clone()),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        limit: PARKED_EVENTS_MAX,
        ..EventFilter::default()
    })?;
    // A breaker and a cancellation tell what they did and then block, for the same run; the first
    // says more.
    let told = match events.as_slice() {
        [.., cause, block] if cause.kind != "blocked" && cause.run == block.run => Some(cause),
        others => others.last(),
    };
    Ok(told.map(|event| {
        let payload = event.payload.as_ref();
        let payload: Value = payload
            .and_then(|payload| serde_json::from_str(&payload.0).ok())
            .unwrap_or(Value::Null);
        let text = |key: &str| payload[key].as_str().map(str::to_owned);
        Parked {
            kind: event.kind.clone(),
            reason: text("reason").or_else(|| text("error")).filter(|text| !text.is_empty()),
            by: text("by"),
            failures: payload["failures"].as_i64(),
        }
    }))
}

impl Facts {
    /// The last failure's cause with its count and bound, as the backoff has it.
    pub(super) fn failures(&self) -> Option<(Cause, u32, u32)> {
        let counts = &self.task.hold.failures;
        let outcome = self.last_run.as_ref().and_then(|run| run.outcome.as_deref());
        let counted = Cause::ALL.into_iter().filter(|cause| counts.of(*cause) > 0);
        let named = |cause: &Cause| outcome == Some(cause.outcome().word());
        let mut counted: Vec<Cause> = counted.collect();
        counted.sort_by_key(|cause| !named(cause));
        let cause = *counted.first()?;
        let own = self.task.max_retries.filter(|_| cause != Cause::RateLimit);
        let own = own.and_then(|limit| u32::try_from(limit).ok());
        let limit = own.unwrap_or_else(|| self.policy.retry.rule(cause).limit);
        Some((cause, counts.of(cause), limit))
    }

    /// The facts for programs.
    pub(super) fn object(&self) -> Value {
        let run = self.run.as_ref().map(|open| {
            let keeper = open.run.keeper.as_ref();
            json!({
                "run_id": open.run.id.0,
                "profile": open.run.profile,
                "started_at": open.run.started_at.0,
                "worker_pid": keeper.and_then(|keeper| keeper.worker.as_ref()).map(|it| it.pid),
                "runner_pid": keeper.and_then(|keeper| keeper.runner.as_ref()).map(|it| it.pid),
                "claim_lock": open.run.claim.as_ref().map(|claim| claim.lock.as_str()),
                "claim_expires": open.run.claim.as_ref().and_then(|it| it.expires).map(|at| at.0),
            })
        });
        let failures = self.failures().map(|(cause, count, limit)| {
            json!({"cause": cause.outcome().word(), "count": count, "limit": limit})
        });
        let pause = self.pause.as_ref();
        json!({
            "board": self.board.as_str(),
            "assignee": self.task.assignee.as_ref().map(Assignee::as_str),
            "run": run,
            "open_parents": self.parents.object(),
            "reason": self.parked.as_ref().and_then(|parked| parked.reason.as_deref()),
            "due_at": self.task.hold.due_at.map(|at| at.0),
            "not_before": self.task.hold.not_before.map(|at| at.0),
            "failures": failures,
            "last_error": self.task.last_failure_error,
            "paused": pause.map(|it| json!({"by": it.by, "reason": it.reason, "at": it.at.0})),
            "dispatcher": self.dispatcher != DispatcherState::Absent,
            "dispatcher_late_seconds": self.dispatcher.late_by().map(|span| span.0),
            "still_ending_run": self.still_ending.map(|run| run.0),
            "running": self.capacity.running,
            "running_limit": self.capacity.limit,
            "running_of_profile": self.capacity.of_profile,
            "profile_limit": self.capacity.profile_limit,
            "place": self.capacity.place,
        })
    }
}
