//! Lost runs: their runner died, or never came. What is left of their processes is ended first,
//! then the board is told; in this order, so that a task never has two live workers.

use super::board::mark;
use andon_core::command::finish_run::{FinishRun, Seen};
use andon_core::id::{BoardSlug, RunId, TaskId};
use andon_core::process::Process;
use andon_core::run::{Exit, HostReach, Means, OnExitZero, Run, Termination, Usage};
use andon_core::time::{Seconds, Timestamp};
use andon_runner::cgroup;
use andon_runner::identity::Liveness;
use andon_runner::tree::{EndPolicy, How, Kinship, Target, end_tree};
use andon_store::{Applied, Read, StoreError};
use std::time::Duration;

/// How long a runner whose dispatcher died right after starting it may take to register. Being too
/// early costs an attempt: the board then refuses the late runner.
const ORPHAN_GRACE: Seconds = Seconds(3);

/// Lingering runs looked at in one pass. There is one for each worker that takes its time to end.
pub(super) const LINGERING_MAX: usize = 1_000;

/// Patience with what a dead runner left. The kernel has killed the worker itself already.
const SWEEP: EndPolicy =
    EndPolicy { grace: Duration::from_secs(5), kill_wait: Duration::from_secs(5) };

/// What is known beside the rows.
pub struct Known<'a> {
    /// The time.
    pub now: Timestamp,
    /// How long a claim of another living dispatcher may be without a runner. A runner registers
    /// within milliseconds, on a loaded machine within seconds.
    pub start_grace: Seconds,
    /// The dispatcher's own process.
    pub me: &'a Process,
    /// Whether a process lives.
    pub liveness: &'a dyn Fn(&Process) -> Liveness,
    /// Whether this dispatcher is busy with the run's task, or holds its living runner.
    pub in_hand: &'a dyn Fn(&Run) -> bool,
}

/// A lost run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Task.
    pub task: TaskId,
    /// Run.
    pub run: RunId,
    /// What is to be done.
    pub what: What,
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// No worker was ever let go: recording it is enough.
    NeverStarted(&'static str),
    /// Its runner died before its worker was named: recording it is enough.
    RunnerDied,
    /// Its dispatcher died before it could start a runner, which is not the task's fault.
    Abandoned,
    /// Its processes lived before this boot: recording it is enough.
    OtherBoot,
    /// Whatever is left of the worker's tree is ended first.
    Sweep {
        /// The worker.
        worker: Process,
        /// Who claimed the run.
        claimer: Process,
    },
}

/// What is lost, and when to look again at what may yet come.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Lost runs.
    pub lost: Vec<Lost>,
    /// When what is not lost yet may be.
    pub look_again: Option<Timestamp>,
}

/// Judges runs, open ones and closed ones whose processes are not confirmed gone. Only what is
/// proven counts; runs of other hosts and of other programs are left to the end of their leases.
pub fn plan(runs: &[Run], known: &Known<'_>) -> Plan {
    let mut plan = Plan::default();
    for run in runs {
        match judge(run, known) {
            Judgement::Leave => {}
            Judgement::LookAgain(at) => {
                plan.look_again = Some(plan.look_again.map_or(at, |before| before.min(at)));
            }
            Judgement::Lost(what) => {
                plan.lost.push(Lost { task: run.task.clone(), run: run.id, what });
            }
        }
    }
    plan
}

enum Judgement {
    Leave,
    LookAgain(Timestamp),
    Lost(What),
}

fn judge(run: &Run, known: &Known<'_>) -> Judgement {
    let Some(keeper) = run.keeper.as_ref().filter(|keeper| keeper.gone_at.is_none()) else {
        return Judgement::Leave;
    };
    if (known.in_hand)(run) {
        return Judgement::Leave;
    }
    if let Some(runner) = &keeper.runner {
        return match ((known.liveness)(runner), &keeper.worker) {
            (Liveness::Alive | Liveness::ForeignHost, _) => Judgement::Leave,
            (Liveness::OtherBoot, _) => Judgement::Lost(What::OtherBoot),
            (Liveness::Gone, Some(worker)) => Judgement::Lost(What::Sweep {
                worker: worker.clone(),
                claimer: keeper.claimer.clone(),
            }),
            (Liveness::Gone, None) => Judgement::Lost(What::RunnerDied),
        };
    }
    let never = |why| Judgement::Lost(What::NeverStarted(why));
    let after = |grace: Seconds, what| {
        let at = run.started_at + grace;
        if known.now >= at { Judgement::Lost(what) } else { Judgement::LookAgain(at) }
    };
    if keeper.claimer == *known.me {
        return never("its runner ended before the worker started");
    }
    match (known.liveness)(&keeper.claimer) {
        Liveness::Alive => {
            let what = What::NeverStarted("no runner was started for it in time");
            after(known.start_grace.max(ORPHAN_GRACE), what)
        }
        Liveness::Gone | Liveness::OtherBoot => after(ORPHAN_GRACE, What::Abandoned),
        Liveness::ForeignHost => Judgement::Leave,
    }
}

/// Loads the runs that may be lost: a whole look over the board.
pub(super) fn load(board: &dyn Read) -> Result<Vec<Run>, StoreError> {
    let open = board.run_open_list()?.into_iter().filter_map(|row| row.run);
    let mut runs: Vec<Run> = open.collect();
    runs.extend(board.run_lingering_list(LINGERING_MAX)?);
    Ok(runs)
}

/// What became of a lost run.
#[derive(Debug)]
pub(super) enum Recorded {
    /// The board knows.
    Told,
    /// So many processes cannot be ended; the run stays open.
    Survivors(usize),
    /// The board could not be told.
    Failed(StoreError),
}

/// Tells the board.
pub(super) type Apply<'a> = &'a dyn Fn(FinishRun) -> Result<Applied, StoreError>;

/// Ends what is left, then tells the board. May take as long as [`SWEEP`] has patience, so it runs
/// beside the dispatcher's thread (D41).
pub(super) fn settle(lost: &Lost, board: &BoardSlug, apply: Apply<'_>) -> Recorded {
    let mut means = Means::NotAttempted;
    if let What::Sweep { worker, claimer } = &lost.what {
        let mark = mark(board, &lost.task, lost.run, claimer);
        let target = Target { worker: worker.clone(), mark, kinship: Kinship::Stranger };
        match sweep_result(&end_tree(&target, &SWEEP).how) {
            Ok(found) => means = found,
            Err(survivors) => return Recorded::Survivors(survivors),
        }
        cgroup::sweep(None, &target.mark);
    }
    match apply(report(lost, means)) {
        // A refusal means that task or run are gone, or were settled by somebody else meanwhile.
        Ok(_) | Err(StoreError::Rejected(_)) => Recorded::Told,
        Err(error) => Recorded::Failed(error),
    }
}

/// What the board is told of a lost run, once nothing is left of its processes.
pub fn report(lost: &Lost, means: Means) -> FinishRun {
    let nothing = Termination::default();
    let (seen, exit, termination) = match &lost.what {
        What::NeverStarted(why) => (Seen::NoRunner, Exit::SpawnFailed((*why).to_owned()), nothing),
        What::RunnerDied => {
            let why = "its runner died before the worker started".to_owned();
            (Seen::TreeGone, Exit::SpawnFailed(why), nothing)
        }
        What::Abandoned => {
            let why = "its dispatcher died before the worker started".to_owned();
            (Seen::NoRunner, Exit::Interrupted(why), nothing)
        }
        What::OtherBoot => {
            (Seen::TreeGone, Exit::Interrupted("the host was restarted".to_owned()), nothing)
        }
        What::Sweep { worker, .. } => {
            let pid = Some(i64::from(worker.pid));
            let exit = Exit::Lost("its runner died".to_owned());
            (Seen::TreeGone, exit, Termination { pid, host: HostReach::Local, means })
        }
    };
    FinishRun {
        task: lost.task.clone(),
        run: lost.run,
        seen,
        exit,
        usage: Usage::default(),
        on_exit_zero: OnExitZero::Violates,
        tail: None,
        termination,
    }
}

fn sweep_result(how: &How) -> Result<Means, usize> {
    match how {
        How::Survived(survivors) => Err(survivors.len()),
        How::AlreadyGone | How::Asked => Ok(Means::Asked),
        How::Killed => Ok(Means::Killed),
    }
}

#[cfg(test)]
pub(super) mod tests;
