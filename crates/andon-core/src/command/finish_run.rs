//! `finish-run`: the runner reports how its worker ended. The exit, the run's end and what
//! comes next are one commit.

mod exit;

use super::complete::{self, Handoff};
use super::draft::{Draft, came_from, unchanged};
use super::{Context, archive, cancel, expire, subject};
use crate::event::NewEvent;
use crate::id::{ClaimLock, RunId, TaskId};
use crate::policy::retry::{Cause, Verdict, judge};
use crate::rejected::Rejected;
use crate::run::{
    Exit, Limit, Means, OnExitZero, Run, RunOutcome, Stop, StopTo, Termination, Usage,
};
use crate::task::{Hold, Status, Task};
use crate::text;
use crate::transition::{Outcome, Resting, RunEnd, RunRef, State, Transition};
use crate::view::{Needs, View};
use exit::{cause, exit_kind};

/// The verb.
pub const VERB: &str = "finish-run";

/// Exit code with which a worker says that its provider throttled it (`EX_TEMPFAIL`).
pub const RATE_LIMIT_EXIT: i32 = 75;

/// What its sender saw of a run's processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// All of them are gone.
    TreeGone,
    /// No runner had registered. One that came late may have done so meanwhile, and its worker
    /// runs: then the report is out of date.
    NoRunner,
}

/// Reports the end of a run's process tree: all of it is gone, or never began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishRun {
    /// Task.
    pub task: TaskId,
    /// Run.
    pub run: RunId,
    /// What was seen of its processes.
    pub seen: Seen,
    /// How the worker ended.
    pub exit: Exit,
    /// What it used.
    pub usage: Usage,
    /// What exit code 0 means.
    pub on_exit_zero: OnExitZero,
    /// Last lines of output, for people.
    pub tail: Option<String>,
    /// How the tree was ended.
    pub termination: Termination,
}

impl FinishRun {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs {
            subject: Some(&self.task),
            run: Some(self.run),
            parents: true,
            children: true,
            // A clean exit hands over its last words, and they may name tasks.
            known: self.tail.as_deref().map(complete::named_in).unwrap_or_default(),
            ..Needs::default()
        }
    }

    pub(super) fn decide(&self, view: &View, ctx: Context<'_>) -> Result<Transition, Rejected> {
        let task = subject(view, &self.task)?;
        let run = view.run.as_ref().filter(|run| run.task == task.id);
        let run = run.ok_or(Rejected::UnknownRun(self.run))?;
        let gone = run.keeper.as_ref().and_then(|keeper| keeper.gone_at);
        if !run.is_open() && gone.is_some() {
            return Ok(unchanged());
        }
        let has_runner = run.keeper.as_ref().is_some_and(|keeper| keeper.runner.is_some());
        if self.seen == Seen::NoRunner && has_runner {
            let why = format!("run {} has a runner meanwhile", self.run);
            return Err(Rejected::NothingToDo(why));
        }
        let mut draft = Draft::new(task, view);
        draft.tree_gone(self.exit.clone(), self.usage);
        let stop = run.keeper.as_ref().and_then(|keeper| keeper.stop.clone());
        let is_current = task.current_run == Some(run.id) && task.status == Status::Running;
        if !run.is_open() || !is_current {
            return Ok(moved_on(draft, task, (run, stop)));
        }
        let to = match (stop, &self.exit, self.on_exit_zero) {
            (Some(stop), _, _) => carry_out(&mut draft, task, view, (stop, self.termination)),
            (None, Exit::Code(0), OnExitZero::Completes) => {
                let summary = text::filled(self.tail.as_deref()).map(str::to_owned);
                let handoff = Handoff { summary, ..Handoff::default() };
                complete::finish(&mut draft, task, view, &handoff, Vec::new(), ctx);
                Status::Done
            }
            (None, Exit::Interrupted(_), _) => {
                expire::give_back(&mut draft, task, view, (ctx, self.termination))
            }
            (None, exit, _) => self.failed(&mut draft, task, view, cause(exit), ctx),
        };
        Ok(draft.moved(to))
    }

    /// Counts a failure and decides between another attempt and the breaker.
    fn failed(
        &self,
        draft: &mut Draft<'_>,
        task: &Task,
        view: &View,
        cause: Cause,
        ctx: Context<'_>,
    ) -> Status {
        let error = text::clip_error(&self.error_text(task, cause));
        let counts = task.hold.failures.plus(cause);
        let failures = task.consecutive_failures.saturating_add(cause.counts_for_peer().into());
        let claimer = task.claim.as_ref().map(|claim| claim.lock.clone());
        let verdict = judge(&counts, cause, task.max_retries, ctx.at, &ctx.policy.retry);
        let (outcome, to, not_before) = match verdict {
            Verdict::Retry { not_before } => {
                (cause.outcome(), came_from(task, view), Some(not_before))
            }
            Verdict::GiveUp { .. } => (self.final_outcome(cause), Resting::Blocked, None),
        };
        let closed = draft.close_run(RunEnd::with_error(outcome, error.clone()));
        draft.state(State {
            failures,
            last_error: Some(error.clone()),
            ..State::resting(task, to)
        });
        draft.hold(Hold { not_before, failures: counts, ..task.hold.clone() });
        draft.event(closed, self.failure_event(cause, task, claimer, (&error, failures)));
        if let Verdict::GiveUp { limit, source } = verdict {
            let reached = if source == "total" { counts.total() } else { counts.of(cause) };
            self.give_up(draft, closed, (reached, limit, source), error, cause);
        }
        to.status()
    }

    /// Opens the breaker. The `blocked` event makes it hold: automatic promotion, ours and the
    /// peer's, passes over a task whose newest such event is a block (D1).
    fn give_up(
        &self,
        draft: &mut Draft<'_>,
        run: Option<RunRef>,
        (failures, limit, limit_source): (u32, u32, &'static str),
        error: String,
        cause: Cause,
    ) {
        let reason = format!("gave up after {failures} failures: {error}");
        draft.event(
            run,
            NewEvent::GaveUp {
                failures: failures.into(),
                effective_limit: limit.into(),
                limit_source,
                error,
                trigger_outcome: cause.outcome().word(),
            },
        );
        draft.event(run, NewEvent::Blocked { reason: Some(reason), kind: None, recurrences: 0 });
    }

    /// A spawn failure that opens the breaker closes its run as `gave_up`; other causes keep their
    /// own word (dispatch reference §7.1).
    fn final_outcome(&self, cause: Cause) -> RunOutcome {
        match cause {
            Cause::Spawn => RunOutcome::GaveUp,
            Cause::Crash | Cause::Timeout | Cause::RateLimit | Cause::Protocol | Cause::Stale => {
                cause.outcome()
            }
        }
    }

    fn error_text(&self, task: &Task, cause: Cause) -> String {
        let pid = self.termination.pid.or(task.worker_pid);
        let who = pid.map_or_else(String::new, |pid| format!("pid {pid} "));
        let tail = self.tail.as_deref().and_then(|tail| tail.lines().last()).unwrap_or("").trim();
        let said = if tail.is_empty() { String::new() } else { format!(": {tail}") };
        match cause {
            Cause::Spawn | Cause::Timeout => format!("{}{said}", self.exit),
            Cause::Protocol => format!(
                "protocol violation: {who}ended with code 0 without `complete` or `block`; \
                 check what it did, then report{said}"
            ),
            Cause::RateLimit => format!("{who}was throttled by its provider (quota){said}"),
            Cause::Crash | Cause::Stale => format!("{who}{}{said}", self.exit),
        }
    }

    fn failure_event(
        &self,
        cause: Cause,
        task: &Task,
        claimer: Option<ClaimLock>,
        (error, failures): (&str, i64),
    ) -> NewEvent {
        let pid = self.termination.pid.or(task.worker_pid);
        let code = match self.exit {
            Exit::Code(code) | Exit::Signal(code) => Some(code),
            Exit::SpawnFailed(_) | Exit::Limit(_) | Exit::Lost(_) | Exit::Interrupted(_) => None,
        };
        match (cause, &self.exit) {
            (Cause::Spawn, _) => NewEvent::SpawnFailed { error: error.to_owned(), failures },
            (Cause::Timeout, Exit::Limit(Limit::Time { elapsed, limit })) => NewEvent::TimedOut {
                pid,
                elapsed: *elapsed,
                limit: *limit,
                sigkill: self.termination.means == Means::Killed,
            },
            (Cause::Stale, Exit::Limit(Limit::Idle { silent })) => NewEvent::Stale {
                elapsed: *silent,
                last_heartbeat_at: task.last_heartbeat_at,
                silent: *silent,
                termination: self.termination,
            },
            (Cause::Protocol, _) => {
                NewEvent::ProtocolViolation { pid, claimer, exit_code: code.unwrap_or(0) }
            }
            (Cause::RateLimit, _) => {
                NewEvent::RateLimited { pid, claimer, exit_code: RATE_LIMIT_EXIT }
            }
            (Cause::Crash | Cause::Timeout | Cause::Stale, exit) => {
                NewEvent::Crashed { pid, claimer, exit_kind: exit_kind(exit), exit_code: code }
            }
        }
    }
}

/// The worker reported before it ended, or somebody closed the run or moved the task: that stands.
/// A wish to put the task away is older than what it became, and still holds; others are for a run
/// that is no more.
fn moved_on(mut draft: Draft<'_>, task: &Task, (run, stop): (&Run, Option<Stop>)) -> Transition {
    let is_at_rest = !matches!(task.status, Status::Running | Status::Archived)
        && task.current_run.is_none_or(|current| current == run.id);
    match stop {
        Some(Stop { to: StopTo::Archived, by, .. }) if is_at_rest => {
            archive::put_away(&mut draft, ended_for(&by));
            draft.moved(Status::Archived)
        }
        Some(_) | None => {
            let why = "the task moved on without this run".to_owned();
            draft.close_run(RunEnd::with_error(RunOutcome::Reclaimed, why));
            draft.done(Outcome::Recorded { task: task.id.clone() })
        }
    }
}

fn ended_for(by: &str) -> String {
    format!("ended because {by} archived the task")
}

/// Carries out a wish to end the run, now that its process tree is gone.
pub(super) fn carry_out(
    draft: &mut Draft<'_>,
    task: &Task,
    view: &View,
    (stop, termination): (Stop, Termination),
) -> Status {
    match stop.to {
        StopTo::Blocked => {
            cancel::cancelled(draft, stop.reason, &stop.by, termination);
            draft.rest(Resting::Blocked);
            Status::Blocked
        }
        StopTo::Ready => {
            let lock = task.claim.as_ref().map(|claim| claim.lock.clone());
            reclaimed(draft, task, view, (stop.reason, lock, termination))
        }
        StopTo::Archived => {
            archive::put_away(draft, ended_for(&stop.by));
            Status::Archived
        }
    }
}

/// Takes a run back by hand: the task is ready again, with a clean record.
pub(super) fn reclaimed(
    draft: &mut Draft<'_>,
    task: &Task,
    view: &View,
    (reason, prev_lock, termination): (Option<String>, Option<ClaimLock>, Termination),
) -> Status {
    let error = match (&reason, &prev_lock) {
        (Some(reason), _) => format!("manual_reclaim: {reason}"),
        (None, Some(lock)) => format!("manual_reclaim lock={lock}"),
        (None, None) => "manual_reclaim".to_owned(),
    };
    let run = draft.close_run(RunEnd::with_error(RunOutcome::Reclaimed, error));
    let to = came_from(task, view);
    draft.state(State { failures: 0, last_error: None, ..State::resting(task, to) });
    draft.hold(Hold { past_parents: task.hold.past_parents, ..Hold::default() });
    draft.event(run, NewEvent::ReclaimedManual { reason, prev_lock, termination });
    to.status()
}
