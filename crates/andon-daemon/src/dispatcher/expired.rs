//! Leases that ran out. A lease of a living holder is extended, any other claim is taken back;
//! nothing is killed here: what cannot be proven gone lives.

use super::board::Board;
use super::report::{Phase, TickReport};
use andon_core::command::expire::{Evidence, Expire};
use andon_core::id::{RunId, TaskId};
use andon_core::process::Process;
use andon_core::run::{HostReach, Means, Termination};
use andon_core::time::{Seconds, Timestamp};
use andon_core::transition::Outcome;
use andon_proc::process;
use andon_runner::identity::Liveness;
use andon_store::{ExpiredClaim, Read, StoreError};
use rustix::param::clock_ticks_per_second;
use rustix::time::{ClockId, clock_gettime};
use std::io::ErrorKind;

/// Claims judged in one pass. Leases run out one by one unless a whole host was away; the rest has
/// its turn in the next pass.
const EXPIRED_MAX: usize = 500;

/// Longest time between a claim of another program and the start of its worker: Git's limits of the
/// peer (dispatch reference §0.6), all in a row, and a loaded machine.
const START_SPAN: Seconds = Seconds(300);

/// What is known beside the rows.
pub struct Known<'a> {
    /// Name of this host, as other programs write it into their locks.
    pub host_name: &'a str,
    /// Whether a process with an identity lives.
    pub liveness: &'a dyn Fn(&Process) -> Liveness,
    /// Whether a process of this number lives here that a claim of this time may have started.
    pub number_lives: &'a dyn Fn(i64, Option<Timestamp>) -> bool,
    /// Whether the dispatcher is busy with the task.
    pub in_hand: &'a dyn Fn(&TaskId) -> bool,
}

/// What to say about a lapsed claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Task.
    pub task: TaskId,
    /// Run whose lease lapsed.
    pub run: Option<RunId>,
    /// What was found.
    pub evidence: Evidence,
}

/// Judges lapsed claims. Those whose runner died are not among the verdicts: the phase for lost
/// runs ends their processes first.
pub fn plan(claims: &[ExpiredClaim], known: &Known<'_>) -> Vec<Verdict> {
    let verdict = |claim: &ExpiredClaim| {
        let evidence = judge(claim, known)?;
        let run = claim.run.as_ref().map(|run| run.id);
        Some(Verdict { task: claim.task.clone(), run, evidence })
    };
    claims.iter().filter_map(verdict).collect()
}

fn judge(claim: &ExpiredClaim, known: &Known<'_>) -> Option<Evidence> {
    let Some(keeper) = claim.run.as_ref().and_then(|run| run.keeper.as_ref()) else {
        return Some(judge_outside(claim, known));
    };
    if (known.in_hand)(&claim.task) {
        return Some(Evidence::Alive);
    }
    let gone = Evidence::Gone(Termination { pid: claim.worker_pid, ..Termination::default() });
    match keeper.runner.as_ref().map(known.liveness) {
        Some(Liveness::Alive) => Some(Evidence::Alive),
        Some(Liveness::ForeignHost) => Some(gone),
        Some(Liveness::Gone | Liveness::OtherBoot) => None,
        None if (known.liveness)(&keeper.claimer) == Liveness::ForeignHost => Some(gone),
        None => None,
    }
}

/// A claim of a person or of another program. Its lock names the host, the row the worker.
fn judge_outside(claim: &ExpiredClaim, known: &Known<'_>) -> Evidence {
    let host = claim.claim.as_ref().and_then(|claim| claim.lock.as_str().split(':').next());
    let is_here = host == Some(known.host_name);
    let claimed = claim.run.as_ref().map(|run| run.started_at);
    // The number on the task may be that of an earlier worker: the peer writes it late, and a claim
    // of the peer leaves it there.
    let pid = claim.run.as_ref().map_or(claim.worker_pid, |run| run.worker_pid);
    match pid {
        Some(pid) if is_here && (known.number_lives)(pid, claimed) => Evidence::Alive,
        pid => {
            let host = if is_here { HostReach::Local } else { HostReach::Elsewhere };
            Evidence::Gone(Termination { pid, host, means: Means::NotAttempted })
        }
    }
}

/// Whether a process of this number lives here that a claim made at `claimed` may have started.
/// Doubt counts as life; a process much younger than the claim is another one (D25).
pub(super) fn number_lives(pid: i64, claimed: Option<Timestamp>, now: Timestamp) -> bool {
    let Ok(pid) = i32::try_from(pid) else { return false };
    let stat = match process::read(pid) {
        Ok(stat) => stat,
        Err(error) => return error.kind() != ErrorKind::NotFound,
    };
    // Both count from the same boot, also inside containers, where the file `uptime` may not.
    let since_boot = clock_gettime(ClockId::Boottime).tv_sec;
    let ticks = stat.started / clock_ticks_per_second().max(1);
    let age = Seconds(since_boot.saturating_sub(i64::try_from(ticks).unwrap_or(i64::MAX)).max(0));
    let is_younger =
        claimed.is_some_and(|claimed| (now - claimed).0 > age.0.saturating_add(START_SPAN.0));
    !stat.is_dead() && !is_younger
}

/// Loads the claims that lapsed by `now`.
pub(super) fn load(board: &dyn Read, now: Timestamp) -> Result<Vec<ExpiredClaim>, StoreError> {
    board.claim_expired(now, EXPIRED_MAX)
}

/// Carries the verdicts out.
pub(super) fn apply(board: &Board, verdicts: Vec<Verdict>, report: &mut TickReport) {
    for Verdict { task, run, evidence } in verdicts {
        let command = Expire { task: task.clone(), run, evidence };
        match board.apply(command) {
            Ok(applied) => note(report, &applied.outcome, evidence),
            // It was renewed, or ended, since the rows were read.
            Err(StoreError::Rejected(_)) => {}
            Err(error) => report.fail(Phase::Expired, Some(&task), error),
        }
    }
}

/// Counts what was taken back.
pub(super) fn note(report: &mut TickReport, outcome: &Outcome, evidence: Evidence) {
    if matches!((outcome, evidence), (Outcome::Moved { .. }, Evidence::Gone(_))) {
        report.reclaimed += 1;
    }
}

#[cfg(test)]
mod tests;
