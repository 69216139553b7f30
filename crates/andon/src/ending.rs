//! Waiting until the processes of a run are gone.
//!
//! `cancel`, `reclaim` and `archive` of a task with a living runner only ask for the end. The
//! caller wants to know that it came: nothing works on the task any more.

use crate::app::Ctx;
use crate::batch::{self, Done};
use crate::error::CliError;
use crate::output::Format;
use crate::target::{self, Board};
use crate::waiting::{Waiter, Woken};
use crate::when;
use andon_core::command::Command;
use andon_core::id::{RunId, TaskId};
use andon_core::rejected::Rejected;
use andon_core::run::{Run, RunOutcome, StopTo};
use andon_core::task::Status;
use andon_core::time::Seconds;
use andon_core::transition::Outcome;
use andon_daemon::dispatcher::{Settled, StandIn};
use andon_runner::identity::{Host, Liveness};
use andon_store::{Applied, StoreError};
use andon_wire::ChangeObject;
use std::time::{Duration, Instant};

/// How long an end is waited for, unless the person says otherwise: the grace between the polite
/// and the hard signal is 5 s, and writing the end on a loaded machine takes a few more.
const WAIT_SECONDS: &str = "30s";

/// How often a person is told that the wait goes on.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// Who would end a run that nobody ends.
const LEFT_ALONE: &str =
    "its runner is dead; a dispatcher ends what is left: start one with `andon up`";

/// Flags of verbs that end runs.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Waiting {
    /// Return at once; the run ends in its own time.
    #[arg(long)]
    no_wait: bool,
    /// How long to wait for the end of the run's processes.
    #[arg(long, value_name = "SPAN", default_value = WAIT_SECONDS, conflicts_with = "no_wait")]
    wait: String,
}

impl Waiting {
    /// How long to wait; none is not at all.
    pub(crate) fn limit(&self) -> Result<Option<Seconds>, CliError> {
        if self.no_wait { Ok(None) } else { crate::arguments::span("--wait", &self.wait).map(Some) }
    }
}

/// Asks for the end of a task's run: `to` is what is wished. Where that was asked for before and
/// nobody is left who would end the run, whoever wishes the same again takes the end up; whoever
/// wishes something else is told who would end it.
fn ask(
    board: &Board,
    task: &TaskId,
    to: StopTo,
    command: impl Into<Command>,
) -> Result<Applied, CliError> {
    board.store.apply(board.request(command)).or_else(|error| {
        let StoreError::Rejected(Rejected::AlreadyStopping { to: asked, .. }) = &error else {
            return Err(error.into());
        };
        let is_same = *asked == to;
        let current = board.store.task_get(task)?.and_then(|task| task.current_run);
        match current.filter(|run| is_left_alone(board, *run).unwrap_or(false)) {
            Some(run) if is_same => {
                let outcome = Outcome::Stopping { task: task.clone(), run };
                Ok(Applied { outcome, run: None, event: None, at: target::now() })
            }
            Some(_) => Err(CliError::from(error).hint(LEFT_ALONE)),
            None => Err(error.into()),
        }
    })
}

/// Carries out a verb that ends runs. Waits where a run's end can only be asked for, and says what
/// became of the task: `to` is what is wished, `because` the reason with its colon.
pub(crate) fn end(
    ctx: &mut Ctx,
    board: &Board,
    (task, command): (&TaskId, impl Into<Command>),
    (limit, to, because): (Option<Seconds>, StopTo, &str),
) -> Result<Done, CliError> {
    let applied = &ask(board, task, to, command)?;
    let done = done_word(to);
    let Outcome::Stopping { run, .. } = applied.outcome else {
        return Ok(Done::new(format!("{} {task}{because}", capital(done)), task, applied));
    };
    let Some(limit) = limit else {
        if is_left_alone(board, run)? && ctx.ui.format() == Format::Human {
            ctx.ui.err(format_args!(
                "the runner of run {run} is dead and no dispatcher serves the board: `andon up` \
                 ends what is left of it"
            ));
        }
        let line = format!("Asked run {run} of {task} to end{because}");
        return Ok(Done::new(line, task, applied));
    };
    let end = wait(ctx, board, (task, run), limit)?;
    let object = ChangeObject {
        change: Some("stopped"),
        status: Some(end.status.word()),
        ..batch::change(task, applied)
    };
    let became = if end.is_as_wished(to) {
        format!("{} {task}{because}", capital(done))
    } else {
        format!("{task} is {}, not {done}", end.status)
    };
    let line = format!("{became} (run {run} and all its processes are gone)");
    Ok(Done { line, object })
}

/// The participle of the verb that wishes this.
fn done_word(to: StopTo) -> &'static str {
    match to {
        StopTo::Blocked => "cancelled",
        StopTo::Ready => "reclaimed",
        StopTo::Archived => "archived",
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// What a run's end left.
struct End {
    /// Where the task stands.
    status: Status,
    /// How the run ended, in its own word.
    outcome: Option<String>,
}

impl End {
    /// Whether the wish was carried out. Its worker may have been quicker and have reported, which
    /// stands. Once taken back or parked, the task may be elsewhere by now.
    fn is_as_wished(&self, to: StopTo) -> bool {
        let ended_as = |outcome: RunOutcome| self.outcome.as_deref() == Some(outcome.word());
        match to {
            StopTo::Archived => self.status == Status::Archived,
            StopTo::Blocked => ended_as(RunOutcome::Cancelled),
            StopTo::Ready => ended_as(RunOutcome::Reclaimed),
        }
    }
}

/// Waits until nothing of the run lives, and says what that left.
fn wait(
    ctx: &mut Ctx,
    board: &Board,
    (task, run): (&TaskId, RunId),
    limit: Seconds,
) -> Result<End, CliError> {
    let began = Instant::now();
    let deadline = began + Duration::from_secs(limit.0.unsigned_abs());
    let mut waiter = Waiter::new(board.store.as_ref())?;
    let mut progress = began + PROGRESS_EVERY;
    if ctx.ui.format() == Format::Human {
        ctx.ui.err(format_args!("ending run {run} of {task} …"));
    }
    let mut look = true;
    loop {
        if look && is_left_alone(board, run)? {
            stand_in(ctx, board, (task, run))?;
        }
        look = false;
        if let Some(end) = ended(board, task, run)? {
            return Ok(end);
        }
        match waiter.wait(Some(deadline.min(progress)))? {
            Woken::Changed => {}
            Woken::Interrupted(_) => {
                return Err(unfinished(board, task, run, "the wait was interrupted"));
            }
            Woken::Late if Instant::now() >= deadline => {
                let waited = when::elapsed(limit);
                let why = format!("still not gone after {waited}");
                return Err(unfinished(board, task, run, &why));
            }
            Woken::Late => {
                // Its runner may have died meanwhile.
                look = true;
                progress += PROGRESS_EVERY;
                if ctx.ui.format() == Format::Human {
                    let waited = began.elapsed().as_secs();
                    ctx.ui.err(format_args!("run {run} of {task} is still ending, {waited}s …"));
                }
            }
        }
    }
}

/// What is left, if the run is closed and its processes are confirmed gone.
fn ended(board: &Board, task: &TaskId, run: RunId) -> Result<Option<End>, CliError> {
    let run = board.store.run_get(run)?;
    if run.as_ref().is_some_and(|run| run.is_open() || !processes_gone(run)) {
        return Ok(None);
    }
    // A task that was deleted meanwhile has been put away for good.
    let status = board.store.task_get(task)?.map_or(Status::Archived, |task| task.status);
    Ok(Some(End { status, outcome: run.and_then(|run| run.outcome) }))
}

fn processes_gone(run: &Run) -> bool {
    let Some(keeper) = &run.keeper else { return true };
    keeper.gone_at.is_some() || keeper.runner.is_none()
}

/// Whether the run's runner is dead. Nothing is known of those of other hosts.
fn is_runner_dead(board: &Board, run: RunId) -> Result<bool, CliError> {
    let run = board.store.run_get(run)?.filter(Run::is_open);
    let runner = run.and_then(|run| run.keeper).and_then(|keeper| keeper.runner);
    let (Some(runner), Ok(host)) = (runner, Host::read()) else { return Ok(false) };
    Ok(matches!(host.liveness(&runner), Liveness::Gone | Liveness::OtherBoot))
}

/// Whether nobody is left who would end the run.
fn is_left_alone(board: &Board, run: RunId) -> Result<bool, CliError> {
    Ok(!board.is_dispatched() && is_runner_dead(board, run)?)
}

/// Does what the dispatcher would do if there were one.
fn stand_in(ctx: &Ctx, board: &Board, (task, run): (&TaskId, RunId)) -> Result<(), CliError> {
    let config = ctx.target.config(&ctx.target.home()?, &board.choice)?;
    let settled = StandIn {
        store: board.store.as_ref(),
        layout: &board.choice.layout,
        start_grace: config.crash_grace,
        now: target::now(),
        request: &|command| board.request(command),
    }
    .settle(run)?;
    match settled {
        Settled::NotLost | Settled::Served | Settled::Told => Ok(()),
        Settled::Survivors(count) => {
            let why = format!("{count} of its processes cannot be ended");
            Err(unfinished(board, task, run, &why))
        }
    }
}

fn unfinished(board: &Board, task: &TaskId, run: RunId, why: &str) -> CliError {
    let message = format!("the end of run {run} of {task} was asked for; {why}");
    let hint = match (is_runner_dead(board, run), board.is_dispatched()) {
        (Ok(true), true) => {
            "its runner is dead, and the dispatcher has not ended what is left: see \
                             `andon doctor`"
                .to_owned()
        }
        (Ok(true), false) => LEFT_ALONE.to_owned(),
        (Ok(false) | Err(_), _) => {
            format!("the runner goes on ending it: see `andon show {task}`")
        }
    };
    CliError::user("still_ending", message).hint(hint)
}
