//! `dispatch`: one pass of the dispatcher, and its rehearsal, which changes nothing (S9).

use crate::app::Ctx;
use crate::equipment::{self, Equipment};
use crate::error::{CliError, Kind};
use crate::missing;
use crate::output::{Format, Ui};
use crate::when;
use andon_core::id::TaskId;
use andon_daemon::config::{Argument, Value};
use andon_daemon::dispatcher::{
    DispatchError, StartMode, TickReport, Unobserved, Wait, plan_once, tick_once,
};
use andon_proc::lock_table;
use serde::Serialize;
use std::error::Error;
use std::sync::Arc;

/// Arguments of `dispatch`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Most workers on the board at once, those that run already included.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max: Option<u32>,
    /// Failures after which a task is blocked that names no limit of its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    failure_limit: Option<u32>,
}

/// What the pass did. The first eleven keys are the peer's (surfaces reference §3.13).
#[derive(Debug, Serialize)]
struct ReportObject {
    reclaimed: usize,
    crashed: Vec<String>,
    timed_out: Vec<String>,
    stale: Vec<String>,
    auto_blocked: Vec<String>,
    promoted: usize,
    spawned: Vec<SpawnedObject>,
    skipped_unassigned: Vec<String>,
    skipped_nonspawnable: Vec<String>,
    skipped_per_profile_capped: Vec<CappedObject>,
    auto_assigned_default: Vec<String>,

    dry_run: bool,
    rate_limited: Vec<String>,
    respawn_guarded: Vec<String>,
    /// Another dispatcher serves the board; nothing was done.
    skipped_locked: bool,
    paused: Option<PausedObject>,
    waiting: Vec<WaitingObject>,
    errors: Vec<ErrorRow>,
    failed_starts: Vec<FailedStartObject>,
}

#[derive(Debug, Serialize)]
struct SpawnedObject {
    task_id: String,
    assignee: String,
    /// Empty in a rehearsal, as with the peer.
    workspace: String,
    /// Null in a rehearsal.
    run_id: Option<i64>,
}

#[derive(Debug, Serialize)]
struct CappedObject {
    task_id: String,
    assignee: String,
    current: usize,
}

#[derive(Debug, Serialize)]
struct PausedObject {
    by: String,
    reason: Option<String>,
    at: i64,
}

#[derive(Debug, Serialize)]
struct WaitingObject {
    task_id: String,
    /// `board_full`, `next_start`, `cooling_down` or `still_ending`.
    code: &'static str,
    text: String,
}

#[derive(Debug, Serialize)]
struct ErrorRow {
    phase: &'static str,
    task_id: Option<String>,
    error: String,
}

#[derive(Debug, Serialize)]
struct FailedStartObject {
    task_id: String,
    run_id: Option<i64>,
    error: String,
}

/// Makes the pass.
pub(crate) fn run(args: Args, ctx: &mut Ctx) -> Result<(), CliError> {
    let home = ctx.target.home()?;
    let choice = ctx.target.choose(&home)?;
    let equipment = Equipment {
        home: home.clone(),
        program: equipment::this_program()?,
        env: Arc::new(ctx.target.env().clone()),
        open_files: None,
        arguments: arguments(&args),
        mode: StartMode::Alone,
        observer: Arc::new(Unobserved),
    };
    let options = equipment.options(&choice.layout)?;
    let pass = if args.dry_run { plan_once } else { tick_once };
    let report = pass(options).map_err(|error| match error {
        DispatchError::Store(error) => missing::told(error, &home, &choice.layout),
        other => other.into(),
    })?;
    let object = object(&report, &args);
    match ctx.ui.format() {
        Format::Json => ctx.ui.json(&object),
        Format::Human => write(&mut ctx.ui, &object),
    }
    let slug = choice.layout.slug();
    if object.skipped_locked {
        if ctx.ui.format() == Format::Human {
            let holder = lock_table::flock_holder(&choice.layout.dispatch_lock_file());
            let which = holder.map(|pid| format!(" (process {pid})")).unwrap_or_default();
            ctx.ui.err(format_args!(
                "andon: another dispatcher serves board {slug}{which}: nothing done"
            ));
        }
        return Err(CliError::told());
    }
    let is_done = object.errors.is_empty() && object.failed_starts.is_empty();
    if is_done { Ok(()) } else { Err(CliError::told()) }
}

fn arguments(args: &Args) -> Vec<Argument> {
    let failures = args.failure_limit.map(|limit| Argument {
        key: "failure_limit",
        value: Value::Integer(i64::from(limit)),
        flag: "--failure-limit",
    });
    args.max.map(limits).into_iter().flatten().chain(failures).collect()
}

/// `--max` beats both names of the setting.
pub(super) fn limits(max: u32) -> Vec<Argument> {
    let value = Value::Integer(i64::from(max));
    let argument = |key| Argument { key, value: value.clone(), flag: "--max" };
    vec![argument("max_in_progress"), argument("max_spawn")]
}

fn object(report: &TickReport, args: &Args) -> ReportObject {
    let ids = |tasks: &[TaskId]| tasks.iter().map(TaskId::to_string).collect();
    let spawned = report.spawned.iter().map(|spawned| SpawnedObject {
        task_id: spawned.task.to_string(),
        assignee: spawned.assignee.to_string(),
        workspace: spawned.workspace.display().to_string(),
        run_id: (!args.dry_run).then_some(spawned.run.0),
    });
    let capped = report.skipped_per_profile_capped.iter().map(|capped| CappedObject {
        task_id: capped.task.to_string(),
        assignee: capped.profile.to_string(),
        current: capped.current,
    });
    let waiting = report.waiting.iter().map(|waiting| {
        let (code, text) = told(&waiting.why);
        WaitingObject { task_id: waiting.task.to_string(), code, text }
    });
    let errors = report.errors.iter().map(|failure| ErrorRow {
        phase: failure.phase.name(),
        task_id: failure.task.as_ref().map(TaskId::to_string),
        error: failure.error.to_string(),
    });
    let failed_starts = report.failed_starts.iter().map(|failed| FailedStartObject {
        task_id: failed.task.to_string(),
        run_id: failed.run.map(|run| run.0),
        error: failed.error.clone(),
    });
    let paused = report.paused.as_ref().map(|pause| PausedObject {
        by: pause.by.clone(),
        reason: pause.reason.clone(),
        at: pause.at.0,
    });
    ReportObject {
        reclaimed: report.reclaimed,
        crashed: ids(&report.crashed),
        timed_out: ids(&report.timed_out),
        stale: ids(&report.stale),
        auto_blocked: ids(&report.auto_blocked),
        promoted: report.promoted,
        spawned: spawned.collect(),
        skipped_unassigned: ids(&report.skipped_unassigned),
        skipped_nonspawnable: ids(&report.skipped_nonspawnable),
        skipped_per_profile_capped: capped.collect(),
        auto_assigned_default: ids(&report.auto_assigned_default),
        dry_run: args.dry_run,
        rate_limited: ids(&report.rate_limited),
        respawn_guarded: Vec::new(),
        skipped_locked: report.skipped_locked,
        paused,
        waiting: waiting.collect(),
        errors: errors.collect(),
        failed_starts: failed_starts.collect(),
    }
}

/// Why a task waits, as a code and for people.
pub(super) fn told(why: &Wait) -> (&'static str, String) {
    match why {
        Wait::BoardFull { running } => {
            let text = match running {
                1 => "1 worker runs or starts, and no more may".to_owned(),
                _ => format!("{running} workers run or start, and no more may"),
            };
            ("board_full", text)
        }
        Wait::NextStart => ("next_start", "it comes next".to_owned()),
        Wait::CoolingDown { until } => {
            ("cooling_down", format!("it failed and is tried again at {}", when::local(*until)))
        }
        Wait::StillEnding { run } => {
            ("still_ending", format!("processes of its earlier run {run} are still ending"))
        }
    }
}

fn write(ui: &mut Ui, report: &ReportObject) {
    for (name, count) in [
        ("Reclaimed", report.reclaimed),
        ("Crashed", report.crashed.len()),
        ("Timed out", report.timed_out.len()),
        ("Stale", report.stale.len()),
        ("Auto-blocked", report.auto_blocked.len()),
        ("Promoted", report.promoted),
        ("Spawned", report.spawned.len()),
    ] {
        ui.out(format_args!("{:13} {count}", format!("{name}:")));
    }
    for spawned in &report.spawned {
        let SpawnedObject { task_id, assignee, workspace, run_id } = spawned;
        match run_id {
            Some(_) => ui.out(format_args!("  {task_id} -> {assignee} @ {workspace}")),
            None => ui.out(format_args!("  {task_id} -> {assignee} (dry)")),
        }
    }
    if let Some(pause) = &report.paused {
        ui.out(format_args!("Paused by {}: nothing is started", pause.by));
    }
    let capped: Vec<String> =
        report.skipped_per_profile_capped.iter().map(|capped| capped.task_id.clone()).collect();
    for (what, tasks) in [
        ("Given to the default profile", &report.auto_assigned_default),
        ("Skipped, nobody's", &report.skipped_unassigned),
        ("Skipped, no profile that can be started", &report.skipped_nonspawnable),
        ("Skipped, its profile runs as many as it may", &capped),
    ] {
        if !tasks.is_empty() {
            ui.out(format_args!("{what}: {}", tasks.join(", ")));
        }
    }
    for waiting in &report.waiting {
        ui.out(format_args!("Waiting: {} ({})", waiting.task_id, waiting.text));
    }
    for failed in &report.failed_starts {
        ui.err(format_args!("andon: {}: {}", failed.task_id, failed.error));
    }
    for failure in &report.errors {
        ui.err(format_args!("andon: {}: {}", failure.phase, failure.error));
    }
}

impl From<DispatchError> for CliError {
    fn from(error: DispatchError) -> Self {
        let (kind, code) = match error {
            DispatchError::Store(error) => return error.into(),
            DispatchError::Held(_) => (Kind::Board, "held"),
            DispatchError::Quarantined { .. } => (Kind::Board, "quarantined"),
            DispatchError::Lock(_)
            | DispatchError::LockWait(_)
            | DispatchError::Identity(_)
            | DispatchError::System { .. } => (Kind::Board, "dispatch"),
            DispatchError::Fault { .. } => (Kind::Internal, "internal"),
        };
        let mut told = Self::user(code, error.to_string());
        told.kind = kind;
        if let DispatchError::Lock(_) = error {
            told = told.hint("make the board's directory writable for this user");
        }
        told.with_causes(error.source())
    }
}
