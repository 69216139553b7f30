//! Starting one worker: claim, workspace, command and environment, then a runner of its own.
//!
//! A start runs beside the dispatcher's thread, because Git and the disk take their time. What
//! fails after the claim is recorded at once: no task is left claimed without a runner.

mod obstacle;

use super::Options;
use super::board::{Board, mark};
use super::report::Spawned;
use crate::private;
use crate::profile::{self, CommandLine, Goal, Profile, StartError, WorkerFacts};
use crate::workspace::{self, Resolved, Wanted};
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::edit::Edit;
use andon_core::command::finish_run::{FinishRun, Seen};
use andon_core::id::{ClaimLock, RunId, TaskId};
use andon_core::policy::admission::Candidate;
use andon_core::rejected::Rejected;
use andon_core::run::{Exit, OnExitZero, Termination, Usage};
use andon_core::task::{GoalMode, Status, Task, Workspace};
use andon_core::time::Seconds;
use andon_core::transition::{Fields, Outcome};
use andon_runner::identity::PidFd;
use andon_runner::limits::Limits;
use andon_runner::settings::BoardSettings;
use andon_runner::spec::{ExitZero, LINGER_DEFAULT_MS, RUNNER_VERB, RunSpec};
use andon_store::StoreError;
use obstacle::Obstacle;
use rustix::fs::MemfdFlags;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// The one skill of a worker that reviews (dispatch reference §8.4).
const REVIEW_SKILL: &str = "sdlc-review";

/// How a start ended.
#[derive(Debug)]
pub(super) enum Started {
    /// A runner is on its way.
    Running {
        spawned: Spawned,
        /// Nothing if it has ended already.
        runner: Option<PidFd>,
    },
    /// The board did not give the task.
    Refused(Rejected),
    /// The task went back behind its parents.
    SentBack,
    /// Claimed, but no worker came of it.
    Failed { error: String, to: Option<Status> },
    /// The host lacks what every start needs. The task was given back, and nothing counted.
    Hindered(StoreError),
    /// The board itself failed.
    Trouble(StoreError),
}

/// A task that is ours.
struct Claimed {
    task: TaskId,
    run: RunId,
    lock: ClaimLock,
    came_from: Status,
}

/// Starts one worker.
pub(super) fn start(board: &Board, candidate: &Candidate, profile: &Profile) -> Started {
    let claimed = match claim(board, candidate) {
        Ok(claimed) => claimed,
        Err(ended) => return ended,
    };
    match launch(board, &claimed, profile) {
        Ok((spawned, runner)) => Started::Running { spawned, runner },
        Err(obstacle) => give_back(board, &claimed, &obstacle),
    }
}

fn claim(board: &Board, candidate: &Candidate) -> Result<Claimed, Started> {
    let lock = board.new_lock();
    let holder = Holder::Dispatcher(board.identity.process.clone());
    let task = candidate.task.clone();
    let command = Claim { task: task.clone(), lock: lock.clone(), ttl: None, holder };
    let applied = board.apply(command).map_err(|error| match error {
        StoreError::Rejected(rejected) => Started::Refused(rejected),
        error => Started::Trouble(error),
    })?;
    match (applied.outcome, applied.run) {
        (Outcome::Claimed { .. }, Some(run)) => {
            andon_faults::pass("dispatcher.claimed");
            Ok(Claimed { task, run, lock, came_from: candidate.status })
        }
        (Outcome::SentBack { .. }, _) => Err(Started::SentBack),
        (outcome, _) => {
            let why = format!("a claim of {task} was answered with {outcome:?}");
            Err(Started::Trouble(StoreError::Internal(why)))
        }
    }
}

fn launch(
    board: &Board,
    claimed: &Claimed,
    profile: &Profile,
) -> Result<(Spawned, Option<PidFd>), Obstacle> {
    // Read after the claim: what the worker is told is what stood on the board when it was taken.
    let task = board.store.task_get(&claimed.task)?;
    let task = task.ok_or_else(|| Obstacle::Gone(claimed.task.clone()))?;
    let options = &board.options;
    let resolved = workspace::resolve(&Wanted {
        task: &task.id,
        workspace: &task.workspace,
        layout: &options.layout,
        default_workdir: options.default_workdir.as_deref(),
        env: &options.env,
    })?;
    persist(board, &task, &resolved)?;
    let mark = mark(options.slug(), &task.id, claimed.run, &board.identity.process);
    let spec = spec(options, claimed, &task, (profile, &resolved, mark))?;
    private::make_dirs(options.layout.logs())?;
    let runner = spawn(board, &spec)?;
    andon_faults::pass("dispatcher.spawned");
    let spawned = Spawned {
        task: task.id,
        run: claimed.run,
        assignee: profile.name.clone(),
        workspace: resolved.path,
    };
    Ok((spawned, runner))
}

/// Writes down where the worker works, before it does (D29).
fn persist(board: &Board, task: &Task, resolved: &Resolved) -> Result<(), Obstacle> {
    let Some(path) = resolved.path.to_str() else {
        return Err(StartError::BadPath { path: resolved.path.clone() }.into());
    };
    let workspace = Workspace {
        kind: task.workspace.kind,
        path: Some(path.to_owned()),
        branch: resolved.branch.clone(),
    };
    if workspace != task.workspace {
        let fields = Fields { workspace: Some(workspace), ..Fields::default() };
        board.apply(Edit { task: task.id.clone(), fields })?;
    }
    Ok(())
}

fn spec(
    options: &Options,
    claimed: &Claimed,
    task: &Task,
    (profile, resolved, mark): (&Profile, &Resolved, String),
) -> Result<RunSpec, Obstacle> {
    let review = [REVIEW_SKILL.to_owned()];
    let skills = match claimed.came_from {
        Status::Review => &review,
        _ => task.skills.as_deref().unwrap_or_default(),
    };
    let time = task.max_runtime.or(profile.limits.time);
    let facts = WorkerFacts {
        home: &options.home,
        layout: &options.layout,
        task: &task.id,
        title: &task.title,
        body: task.body.as_deref(),
        run: claimed.run,
        claim_lock: &claimed.lock,
        // The runner adds the mark itself.
        run_mark: None,
        workspace: &resolved.path,
        branch: resolved.branch.as_deref(),
        tenant: task.tenant.as_deref(),
        model: task.model_override.as_deref(),
        skills,
        goal: (task.goal_mode == GoalMode::On).then_some(Goal { turns_max: task.goal_max_turns }),
        max_runtime: time,
        andon: &options.andon,
    };
    let CommandLine { argv, env } = profile::command_line(profile, &facts, &options.env)?;
    Ok(RunSpec {
        db: options.layout.database().to_owned(),
        home: options.home.path().to_owned(),
        board: options.layout.slug().to_string(),
        task: task.id.to_string(),
        run: claimed.run.0,
        claim_lock: claimed.lock.to_string(),
        argv,
        env,
        workspace: resolved.path.clone(),
        log: options.layout.log_of(&task.id),
        log_rotate_bytes: options.config.worker_log_rotate_bytes,
        log_backups: options.config.worker_log_backup_count,
        limits: limits(options, profile, time),
        cgroup_root: None,
        open_files: options.open_files,
        grace_ms: seconds(profile.limits.grace).saturating_mul(1_000),
        linger_ms: LINGER_DEFAULT_MS,
        lease_ttl_s: seconds(options.config.policy.claim_ttl),
        on_exit_zero: match profile.on_exit_zero {
            profile::OnExitZero::Completes => ExitZero::Completes,
            profile::OnExitZero::Violates => ExitZero::Violates,
        },
        mark,
        settings: settings(options),
    })
}

/// The runner judges failures by the same rules, and reads no file for it.
fn settings(options: &Options) -> BoardSettings {
    let config = &options.config;
    BoardSettings {
        busy_ms: u64::try_from(config.busy_timeout.as_millis()).unwrap_or(u64::MAX),
        checkpoint_pages: config.checkpoint_pages,
        writer_lock: config.writer_lock,
        claim_ttl_s: config.policy.claim_ttl.0,
        retry: (&config.policy.retry).into(),
    }
}

fn limits(options: &Options, profile: &Profile, time: Option<Seconds>) -> Limits {
    Limits {
        time_s: time.map(seconds),
        idle_s: profile.limits.idle.or(options.config.stale_timeout).map(seconds),
        memory_kb: profile.limits.memory.map(|bytes| bytes.0.div_ceil(1024)),
        cpu_s: profile.limits.cpu.map(seconds),
        cpu_percent: None,
        processes: None,
    }
}

fn seconds(span: Seconds) -> u64 {
    u64::try_from(span.0).unwrap_or(0)
}

/// Starts the runner. The spec, which may hold secrets, reaches it through memory that has no name.
fn spawn(board: &Board, spec: &RunSpec) -> io::Result<Option<PidFd>> {
    let mut input = File::from(rustix::fs::memfd_create("andon-run", MemfdFlags::CLOEXEC)?);
    input.write_all(&serde_json::to_vec(spec)?)?;
    input.rewind()?;
    let mut command = Command::new(&board.options.andon);
    command
        .arg(RUNNER_VERB)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(input))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A terminal's signals must not reach it even before it starts a session of its own.
        .process_group(0);
    andon_faults::hand_on(&mut command);
    let child = command.spawn()?;
    // Not reaped yet, so its number is still its own; without a hold on it the next full pass finds
    // out by its identity.
    let host = &board.identity.host;
    Ok(host.process(child.id().cast_signed()).ok().and_then(|process| host.open(&process)))
}

/// Records that no worker came of the claim.
fn give_back(board: &Board, claimed: &Claimed, obstacle: &Obstacle) -> Started {
    let error = obstacle.to_string();
    let is_of_host = obstacle.is_of_host();
    let command = FinishRun {
        task: claimed.task.clone(),
        run: claimed.run,
        seen: Seen::NoRunner,
        exit: if is_of_host {
            Exit::Interrupted(error.clone())
        } else {
            Exit::SpawnFailed(error.clone())
        },
        usage: Usage::default(),
        on_exit_zero: OnExitZero::Violates,
        tail: None,
        termination: Termination::default(),
    };
    match board.apply(command) {
        Ok(_) if is_of_host => {
            let doing = "start a worker";
            Started::Hindered(StoreError::Unavailable { doing, why: error, hint: None })
        }
        Ok(applied) => match applied.outcome {
            Outcome::Moved { to, .. } => Started::Failed { error, to: Some(to) },
            _ => Started::Failed { error, to: None },
        },
        Err(StoreError::Rejected(_)) => Started::Failed { error, to: None },
        // The run has no runner, and this dispatcher will find it lost.
        Err(trouble) => Started::Trouble(trouble),
    }
}
