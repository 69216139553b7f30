//! A run is a fence: whoever writes for one that is over is refused.

use super::{decide, refused};
use crate::command::Command;
use crate::command::block::Block;
use crate::command::complete::{Complete, Handoff};
use crate::command::expire::{Evidence, Expire};
use crate::command::heartbeat::{Heartbeat, Sign};
use crate::command::register::Register;
use crate::command::schedule::Schedule;
use crate::id::{ClaimLock, RunId};
use crate::rejected::{Category, Rejected};
use crate::run::{StopTo, Termination};
use crate::table::sample::{RUN, dispatched, kept, lapsed, process, stopping, task_id, view};
use crate::task::{BlockKind, Status};

/// Every command that may say which run sends it.
fn for_run(run: RunId) -> Vec<Command> {
    let (task, expected_run) = (task_id(), Some(run));
    vec![
        Command::Complete(Complete {
            task: task.clone(),
            handoff: Handoff::default(),
            created_cards: Vec::new(),
            expected_run,
        }),
        Command::Block(Block {
            task: task.clone(),
            reason: None,
            kind: Some(BlockKind::NeedsInput),
            expected_run,
        }),
        Command::Schedule(Schedule {
            task: task.clone(),
            reason: None,
            due_at: None,
            expected_run,
        }),
        Command::Heartbeat(Heartbeat {
            task: task.clone(),
            expected_run,
            lock: None,
            sign: Sign::Keeper,
        }),
        Command::Register(Register {
            task: task.clone(),
            run,
            runner: process(2),
            worker: process(3),
        }),
        Command::Expire(Expire {
            task,
            run: expected_run,
            evidence: Evidence::Gone(Termination::default()),
        }),
    ]
}

#[test]
fn late_writes_of_a_dead_run_are_refused() {
    let view = lapsed(dispatched(view(Status::Running), Status::Ready));
    for command in for_run(RunId(RUN.0 - 1)) {
        let refused = decide(&view, command.clone()).expect_err(command.verb());
        assert!(matches!(refused, Rejected::StaleRun { current: Some(RUN), .. }), "{refused}");
        assert_eq!(refused.category(), Category::Stale);
    }
}

#[test]
fn writes_of_the_current_run_are_accepted() {
    let view = lapsed(dispatched(view(Status::Running), Status::Ready));
    for command in for_run(RUN) {
        assert!(decide(&view, command.clone()).is_ok(), "{}", command.verb());
    }
}

#[test]
fn no_run_writes_to_a_task_that_rests() {
    for status in Status::ALL.iter().filter(|status| **status != Status::Running) {
        for command in for_run(RUN) {
            let verb = command.verb();
            let code = refused(&view(*status), command);
            assert!(matches!(code, "stale_run" | "wrong_status"), "{verb} {status}: {code}");
        }
    }
}

#[test]
fn a_heartbeat_with_a_foreign_lock_is_refused() {
    let lock = Some(ClaimLock::new("host", 1, 2));
    let beat = Heartbeat { task: task_id(), expected_run: None, lock, sign: Sign::Keeper };
    assert_eq!(refused(&view(Status::Running), beat), "not_your_claim");
}

fn register() -> Register {
    Register { task: task_id(), run: RUN, runner: process(2), worker: process(3) }
}

#[test]
fn d15_d16_a_run_gets_one_runner_and_none_once_it_is_to_end() {
    assert_eq!(refused(&kept(view(Status::Running), Status::Ready), register()), "nothing_to_do");
    let to_end = stopping(dispatched(view(Status::Running), Status::Ready), StopTo::Blocked);
    assert_eq!(refused(&to_end, register()), "already_stopping");
}

#[test]
fn a_claim_by_hand_has_no_runner_to_register() {
    assert_eq!(refused(&view(Status::Running), register()), "unknown_run");
}
