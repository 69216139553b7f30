//! Rows about claims and runs.

use super::{asked, complete};
use crate::command::{cancel, claim, expire, finish_run, heartbeat, reclaim, register};
use crate::id::RunId;
use crate::policy::retry::Cause;
use crate::run::{Exit, OnExitZero, StopTo, Termination, Usage};
use crate::table::Row;
use crate::table::sample::{
    self, RUN, dispatched, kept, lapsed, lock, process, stopping, task_id, view, waiting, with,
};
use crate::task::{PastParents, Status};
use crate::time::{Seconds, Timestamp};
use crate::view::{Pause, View};

fn claim(holder: claim::Holder) -> claim::Claim {
    claim::Claim { task: task_id(), lock: lock(), ttl: None, holder }
}

fn dispatch() -> claim::Claim {
    claim(claim::Holder::Dispatcher(process(1)))
}

fn heartbeat(expected_run: RunId) -> heartbeat::Heartbeat {
    let sign = heartbeat::Sign::Worker { note: None };
    heartbeat::Heartbeat { task: task_id(), expected_run: Some(expected_run), lock: None, sign }
}

pub(super) const HOLDING: &[Row] = &[
    Row {
        verb: claim::VERB,
        situation: "",
        ask: |status| asked(view(status), claim(claim::Holder::Outside)),
    },
    Row {
        verb: claim::VERB,
        situation: "a parent is open",
        ask: |status| asked(waiting(view(status)), dispatch()),
    },
    Row {
        verb: claim::VERB,
        situation: "a parent is open, promoted by force",
        ask: |status| {
            let overrule = |task: &mut crate::task::Task| {
                task.hold.past_parents = PastParents::Overruled;
            };
            asked(with(waiting(view(status)), overrule), dispatch())
        },
    },
    Row {
        verb: claim::VERB,
        situation: "by the dispatcher, while it waits after a failure",
        ask: |status| {
            let wait = Some(sample::NOW + Seconds(5));
            asked(with(view(status), |task| task.hold.not_before = wait), dispatch())
        },
    },
    Row {
        verb: claim::VERB,
        situation: "processes of an earlier run are ending",
        ask: |status| asked(View { lingering: Some(RUN), ..view(status) }, dispatch()),
    },
    Row {
        verb: claim::VERB,
        situation: "the board is paused",
        ask: |status| {
            let pause = Pause { by: "somebody".into(), reason: None, at: Timestamp(1) };
            asked(View { paused: Some(pause), ..view(status) }, dispatch())
        },
    },
    Row {
        verb: register::VERB,
        situation: "",
        ask: |status| {
            let (runner, worker) = (process(2), process(3));
            let register = register::Register { task: task_id(), run: RUN, runner, worker };
            asked(dispatched(view(status), Status::Ready), register)
        },
    },
    Row {
        verb: heartbeat::VERB,
        situation: "of the current run",
        ask: |status| {
            let current = heartbeat::Heartbeat { expected_run: None, ..heartbeat(RUN) };
            asked(view(status), current)
        },
    },
    Row {
        verb: heartbeat::VERB,
        situation: "of an earlier run",
        ask: |status| asked(view(status), heartbeat(RunId(RUN.0 - 1))),
    },
    Row {
        verb: "complete",
        situation: "by an earlier run",
        ask: |status| {
            let earlier = Some(RunId(RUN.0 - 1));
            let mut complete = complete(Vec::new());
            complete.expected_run = earlier;
            asked(view(status), complete)
        },
    },
];

fn expire(evidence: expire::Evidence) -> expire::Expire {
    expire::Expire { task: task_id(), run: None, evidence }
}

fn gone() -> expire::Expire {
    expire(expire::Evidence::Gone(Termination::default()))
}

fn finish(exit: Exit, on_exit_zero: OnExitZero) -> finish_run::FinishRun {
    finish_run::FinishRun {
        task: task_id(),
        run: RUN,
        seen: finish_run::Seen::TreeGone,
        exit,
        usage: Usage::default(),
        on_exit_zero,
        tail: None,
        termination: Termination::default(),
    }
}

/// The run whose end is reported: the open one, or one that was closed before.
fn ending(status: Status, came_from: Status) -> View {
    let mut ending = kept(view(status), came_from);
    if ending.run.is_none() {
        ending.run = kept(view(Status::Running), came_from).run;
        if let Some(run) = &mut ending.run {
            run.ended_at = Some(Timestamp(3_000));
        }
    }
    ending
}

pub(super) const ENDING: &[Row] = &[
    Row {
        verb: cancel::VERB,
        situation: "",
        ask: |status| asked(view(status), cancel::Cancel { task: task_id(), reason: None }),
    },
    Row {
        verb: cancel::VERB,
        situation: "a runner keeps its run",
        ask: |status| {
            let cancel = cancel::Cancel { task: task_id(), reason: None };
            asked(kept(view(status), Status::Ready), cancel)
        },
    },
    Row {
        verb: cancel::VERB,
        situation: "its end was asked for before",
        ask: |status| {
            let cancel = cancel::Cancel { task: task_id(), reason: None };
            asked(stopping(kept(view(status), Status::Ready), StopTo::Ready), cancel)
        },
    },
    Row {
        verb: reclaim::VERB,
        situation: "",
        ask: |status| asked(view(status), reclaim::Reclaim { task: task_id(), reason: None }),
    },
    Row {
        verb: reclaim::VERB,
        situation: "a runner keeps its run",
        ask: |status| {
            let reclaim = reclaim::Reclaim { task: task_id(), reason: None };
            asked(kept(view(status), Status::Ready), reclaim)
        },
    },
    Row {
        verb: reclaim::VERB,
        situation: "a parent was added meanwhile",
        ask: |status| {
            asked(waiting(view(status)), reclaim::Reclaim { task: task_id(), reason: None })
        },
    },
    Row {
        verb: expire::VERB,
        situation: "the lease has not run out",
        ask: |status| asked(view(status), gone()),
    },
    Row {
        verb: expire::VERB,
        situation: "the holder lives",
        ask: |status| asked(lapsed(view(status)), expire(expire::Evidence::Alive)),
    },
    Row {
        verb: expire::VERB,
        situation: "the holder is gone",
        ask: |status| asked(lapsed(view(status)), gone()),
    },
    Row {
        verb: expire::VERB,
        situation: "the holder of a review is gone",
        ask: |status| asked(lapsed(kept(view(status), Status::Review)), gone()),
    },
    Row {
        verb: finish_run::VERB,
        situation: "exit 0 that completes",
        ask: |status| {
            asked(ending(status, Status::Ready), finish(Exit::Code(0), OnExitZero::Completes))
        },
    },
    Row {
        verb: finish_run::VERB,
        situation: "a failure",
        ask: |status| {
            asked(ending(status, Status::Ready), finish(Exit::Code(1), OnExitZero::Violates))
        },
    },
    Row {
        verb: finish_run::VERB,
        situation: "a failure of a review",
        ask: |status| {
            asked(ending(status, Status::Review), finish(Exit::Code(1), OnExitZero::Violates))
        },
    },
    Row {
        verb: finish_run::VERB,
        situation: "the failure that opens the breaker",
        ask: |status| {
            let counted = |task: &mut crate::task::Task| {
                task.hold.failures = task.hold.failures.plus(Cause::Crash);
            };
            let view = with(ending(status, Status::Ready), counted);
            asked(view, finish(Exit::Code(1), OnExitZero::Violates))
        },
    },
    Row {
        verb: finish_run::VERB,
        situation: "after a cancel",
        ask: |status| {
            let view = stopping(ending(status, Status::Ready), StopTo::Blocked);
            asked(view, finish(Exit::Signal(15), OnExitZero::Violates))
        },
    },
    Row {
        verb: finish_run::VERB,
        situation: "after an archive",
        ask: |status| {
            let view = stopping(ending(status, Status::Ready), StopTo::Archived);
            asked(view, finish(Exit::Signal(15), OnExitZero::Violates))
        },
    },
];
