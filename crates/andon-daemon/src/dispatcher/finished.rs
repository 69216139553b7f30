//! What finished beside the dispatcher's thread: starts, and the settlement of lost runs. Results
//! are taken in here, told to the observer, and noted for the next report.

use super::board::Board;
use super::jobs::Done;
use super::lost::Recorded;
use super::observer::Notice;
use super::report::{Phase, TickReport, Wait, Waiting};
use super::start::Started;
use super::tick::State;
use andon_core::id::TaskId;
use andon_core::rejected::Rejected;
use andon_core::time::Seconds;
use std::time::{Duration, Instant};

/// How long a task whose claim was refused is left alone. Most refusals end with somebody's next
/// commit; asking again at each one would keep the writer busy for nothing.
const REFUSED_WAIT: Duration = Duration::from_millis(250);

/// How long nothing is started after the host refused what every start needs. Somebody has to free
/// it, and each try writes a run; a few of them show soon enough that it is there again.
const HINDERED_WAIT: Duration = Duration::from_secs(5);

/// How long processes that cannot be ended are left alone. They hang in the kernel or belong to
/// somebody else; seconds change nothing.
const SURVIVORS_WAIT: Seconds = Seconds(30);

/// Wait after a lost run could not be recorded.
const RECORD_WAIT: Seconds = Seconds(1);

/// Takes in what finished; says how much.
pub(super) fn absorb(state: &mut State, board: &Board, report: &mut TickReport) -> usize {
    let finished = state.jobs.finished();
    let count = finished.len();
    for done in finished {
        match done {
            Done::Start(task, started) => absorb_start(state, board, (task, started), report),
            Done::Lost(lost, Recorded::Survivors(count)) => {
                state.look_again(Some(board.now() + SURVIVORS_WAIT));
                let (task, run) = (&lost.task, lost.run);
                board.options.notice(&Notice::Survivors { task, run, count });
            }
            Done::Lost(lost, Recorded::Failed(error)) => {
                state.look_again(Some(board.now() + RECORD_WAIT));
                report.fail(Phase::Lost, Some(&lost.task), error);
            }
            Done::Lost(_, Recorded::Told) => {}
        }
    }
    count
}

fn absorb_start(
    state: &mut State,
    board: &Board,
    (task, started): (TaskId, Started),
    report: &mut TickReport,
) {
    match started {
        Started::Running { spawned, runner } => {
            match runner {
                Some(pidfd) => state.runners.watch(spawned.run, task, pidfd),
                None => state.look_again(Some(board.now())),
            }
            board.options.notice(&Notice::Started(&spawned));
            report.spawned.push(spawned);
        }
        // The report has it from the board's events, like those that runners recorded.
        Started::Failed { error, to } => {
            board.options.notice(&Notice::StartFailed { task: &task, error: &error, to });
        }
        Started::SentBack => {}
        Started::Refused(rejected) => {
            let why = match rejected {
                Rejected::CoolingDown { until, .. } => Some(Wait::CoolingDown { until }),
                Rejected::StillEnding { run, .. } => Some(Wait::StillEnding { run }),
                // Somebody else took or moved it.
                _ => None,
            };
            report.waiting.extend(why.map(|why| Waiting { task: task.clone(), why }));
            state.refused.insert(task, Instant::now() + REFUSED_WAIT);
        }
        Started::Hindered(error) => {
            report.fail(Phase::Start, Some(&task), error);
            state.hindered = Some(Instant::now() + HINDERED_WAIT);
        }
        Started::Trouble(error) => {
            // If the claim succeeded, the run has no runner and is found lost.
            state.look_again(Some(board.now()));
            report.fail(Phase::Start, Some(&task), error);
            state.refused.insert(task, Instant::now() + REFUSED_WAIT);
        }
    }
}
