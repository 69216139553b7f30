//! The end of a run: the tree first, then the record. The claim is released by the record, so it is
//! never released while a process of the run lives.

use super::KeepError;
use super::board::Board;
use super::watching::Why;
use crate::exit;
use crate::limits::Fence;
use crate::output::Pump;
use crate::spec::RunSpec;
use crate::tree::{Ended, How, Kinship, Target, end_tree};
use andon_core::command::finish_run::{FinishRun, Seen};
use andon_core::process::Process;
use andon_core::run::{Exit, HostReach, Means, Termination};
use std::io;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// Pause between two attempts to end processes that survived SIGKILL, which is to say that hang in
/// the kernel, mostly on a dead disk or network mount.
const END_AGAIN: Duration = Duration::from_secs(10);

/// How long the ending of survivors is attempted. After a day they are for a person, who finds the
/// run unfinished and its lease run out.
const END_WAIT: Duration = Duration::from_secs(24 * 3600);

/// How long the record is tried: a disk stays full until somebody frees it, and without the record
/// the exit is lost. Whoever judges the lease lapsed meanwhile sees that the runner lives.
const RECORD_WAIT: Duration = Duration::from_secs(24 * 3600);

/// A run that has to be ended.
pub(super) struct Remains {
    pub(super) process: Process,
    pub(super) fence: Fence,
    pub(super) pump: Pump,
    pub(super) why: Why,
}

/// Ends what is left of the run and records it.
pub(super) fn end(spec: &RunSpec, board: &Board<'_>, remains: Remains) -> Result<(), KeepError> {
    let Remains { process, fence, pump, why } = remains;
    let (means, found) = end_for_certain(spec, board, &process, Some(&fence))?;
    let found = fence.explain(found);
    let tail = Some(pump.finish().tail).filter(|tail| !tail.trim().is_empty());
    let exit = match why {
        Why::Limit(limit) => Exit::Limit(limit),
        Why::Exited | Why::Stopped | Why::Lingered => found,
    };
    record(spec, board, Record { pid: Some(process.pid), exit, means, tail })
}

/// Ends a worker whose output cannot be taken: a pipe that nobody reads would only hang it.
pub(super) fn without_output(
    spec: &RunSpec,
    board: &Board<'_>,
    process: &Process,
    cause: &io::Error,
) -> Result<(), KeepError> {
    let (means, _) = end_for_certain(spec, board, process, None)?;
    let exit = Exit::SpawnFailed(format!("its output could not be taken: {cause}"));
    record(spec, board, Record { pid: Some(process.pid), exit, means, tail: None })
}

/// Records that the worker did not start.
pub(super) fn record_spawn_failure(
    spec: &RunSpec,
    board: &Board<'_>,
    pid: Option<i32>,
    why: String,
) -> Result<(), KeepError> {
    let exit = Exit::SpawnFailed(why);
    record(spec, board, Record { pid, exit, means: Means::NotAttempted, tail: None })
}

/// Ends the tree, again and again while any of it survives.
fn end_for_certain(
    spec: &RunSpec,
    board: &Board<'_>,
    process: &Process,
    fence: Option<&Fence>,
) -> Result<(Means, Exit), KeepError> {
    let worker = process.clone();
    let target = Target { worker, mark: spec.mark.clone(), kinship: Kinship::Keeper };
    let give_up = Instant::now() + END_WAIT;
    let mut exit = None;
    loop {
        let Ended { how, exit: seen } = end_tree(&target, &spec.end_policy());
        exit = exit.or(seen);
        let survivors = match how {
            How::AlreadyGone | How::Asked | How::Killed => {
                let means = how.means().filter(|_| how != How::AlreadyGone);
                let unseen = || Exit::Lost("its end was not seen".to_owned());
                return Ok((means.unwrap_or_default(), exit.unwrap_or_else(unseen)));
            }
            How::Survived(survivors) => survivors,
        };
        if Instant::now() >= give_up {
            let survivors = survivors.iter().map(|process| process.pid).collect();
            let (task, run) = (spec.task.clone(), spec.run);
            return Err(KeepError::Survivors { task, run, survivors });
        }
        if let Some(fence) = fence {
            fence.kill_group();
        }
        // The run is still ours while a process of it lives; where it is not, that changes nothing.
        board.renew().ok();
        park_timeout(END_AGAIN);
    }
}

/// What is recorded of an end.
struct Record {
    pid: Option<i32>,
    exit: Exit,
    means: Means,
    tail: Option<String>,
}

fn record(spec: &RunSpec, board: &Board<'_>, record: Record) -> Result<(), KeepError> {
    let Record { pid, exit, means, tail } = record;
    let termination = Termination { pid: pid.map(i64::from), host: HostReach::Local, means };
    let end = FinishRun {
        task: board.ids.task.clone(),
        run: board.ids.run,
        seen: Seen::TreeGone,
        exit: exit.clone(),
        usage: exit::usage_of_children(),
        on_exit_zero: spec.on_exit_zero.into(),
        tail,
        termination,
    };
    andon_faults::pass("runner.tree-gone");
    board.finish(end, RECORD_WAIT).map_err(|source| KeepError::Unrecorded {
        task: spec.task.clone(),
        run: spec.run,
        exit,
        source: Box::new(source),
    })
}
