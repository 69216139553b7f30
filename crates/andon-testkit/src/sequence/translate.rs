//! Turns a step into a command about the tasks and runs that there are.

use super::POOL;
use super::step::{Step, Verb};
use crate::fixture::{process, profile, verbs};
use andon_core::command::Command;
use andon_core::command::archive::Archive;
use andon_core::command::assign::{Assign, Occasion};
use andon_core::command::block::Block;
use andon_core::command::cancel::Cancel;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::comment::Comment;
use andon_core::command::complete::{Complete, Handoff};
use andon_core::command::create::{Begin, Create};
use andon_core::command::due::Due;
use andon_core::command::edit::Edit;
use andon_core::command::edit_result::EditResult;
use andon_core::command::expire::{Evidence, Expire};
use andon_core::command::finish_run::FinishRun;
use andon_core::command::link::Link;
use andon_core::command::pause::{SetPause, Turn};
use andon_core::command::promote::Promote;
use andon_core::command::reclaim::Reclaim;
use andon_core::command::schedule::Schedule;
use andon_core::command::settle::Settle;
use andon_core::command::unblock::Unblock;
use andon_core::command::unlink::Unlink;
use andon_core::id::{ClaimLock, RunId, TaskId};
use andon_core::run::{Exit, Limit, OnExitZero, Termination};
use andon_core::task::{BlockKind, PastParents};
use andon_core::time::{Seconds, Timestamp};
use andon_core::transition::Fields;
use andon_store::Read;

/// The command of a step on a board with these tasks. A sequence begins by making one.
pub fn command(step: &Step, known: &[TaskId], board: &dyn Read, at: Timestamp) -> Command {
    let Some(task) = pick(known, step.task) else { return create(step, known, at) };
    let other = pick(known, step.other).unwrap_or_else(|| task.clone());
    let runs = board.run_list(&task).expect("runs can be read");
    let run = pick(&runs, step.other).map_or(RunId(1), |run| run.id);
    // A worker that names its run, sometimes an earlier one; a person who names none.
    let expected_run = (step.form.is_multiple_of(2)).then_some(run);
    let reason = (step.form.is_multiple_of(3)).then(|| "a reason".to_owned());
    match step.verb {
        Verb::Create if known.len() < POOL => create(step, known, at),
        Verb::Create | Verb::Claim => claim(step, task).into(),
        Verb::Archive => Archive { task }.into(),
        Verb::Assign => assign(step, task).into(),
        Verb::Block => {
            let kind = pick(BlockKind::ALL, step.other);
            Block { task, reason, kind, expected_run }.into()
        }
        Verb::Cancel => Cancel { task, reason }.into(),
        Verb::Comment => Comment { task, author: "x".into(), body: " a remark ".into() }.into(),
        Verb::Complete => {
            let created_cards = if step.form.is_multiple_of(5) { vec![other] } else { Vec::new() };
            Complete { task, handoff: handoff(step), created_cards, expected_run }.into()
        }
        Verb::Due => Due { task }.into(),
        Verb::Edit => edit(step, task).into(),
        Verb::EditResult => EditResult { task, handoff: handoff(step) }.into(),
        Verb::Expire => {
            let gone = Evidence::Gone(Termination::default());
            let evidence = if step.form % 4 == 1 { Evidence::Alive } else { gone };
            Expire { task, run: expected_run, evidence }.into()
        }
        Verb::FinishRun => finish(step, &task, run).into(),
        Verb::Heartbeat => verbs::heartbeat(&task, expected_run).into(),
        Verb::Link => Link { parent: other, child: task }.into(),
        Verb::Pause if step.form.is_multiple_of(4) => {
            SetPause { turn: Turn::Pause { reason } }.into()
        }
        Verb::Pause => SetPause { turn: Turn::Resume }.into(),
        Verb::Promote => {
            let wait = step.form.is_multiple_of(2);
            let parents = if wait { PastParents::Wait } else { PastParents::Overruled };
            Promote { task, reason, parents }.into()
        }
        Verb::Reclaim => Reclaim { task, reason }.into(),
        Verb::Register => verbs::register(&task, run).into(),
        Verb::Schedule => {
            let later = at + Seconds(i64::from(step.other) + 1);
            let due_at = (!step.form.is_multiple_of(4)).then_some(later + Seconds(1_000));
            Schedule { task, reason, due_at, expected_run: None }.into()
        }
        Verb::Settle => Settle { task }.into(),
        Verb::Unblock => Unblock { task, reason }.into(),
        Verb::Unlink => Unlink { parent: other, child: task }.into(),
    }
}

pub(super) fn pick<T: Clone>(from: &[T], number: u8) -> Option<T> {
    let count = from.len().max(1);
    from.get(usize::from(number) % count).cloned()
}

fn create(step: &Step, known: &[TaskId], at: Timestamp) -> Command {
    let begin = match step.form % 8 {
        0 => Begin::Triage,
        1 => Begin::Blocked,
        2 => Begin::At(at + Seconds(2_000)),
        _normal => Begin::Normal,
    };
    let parents = if step.other.is_multiple_of(3) { pick(known, step.task) } else { None };
    let key = (step.other.is_multiple_of(5)).then(|| format!("key {}", step.form % 2));
    Command::from(Create {
        title: format!("task {}", known.len()),
        parents: parents.into_iter().collect(),
        assignee: (!step.form.is_multiple_of(3)).then(|| profile("worker")),
        priority: i64::from(step.other % 4),
        idempotency_key: key,
        skills: (step.form.is_multiple_of(6)).then(|| vec!["skill".to_owned()]),
        max_retries: (step.form.is_multiple_of(7)).then_some(1),
        begin,
        ..Create::default()
    })
}

fn claim(step: &Step, task: TaskId) -> Claim {
    let lock = ClaimLock::new("host", 1, u64::from(step.other));
    let by_hand = step.form.is_multiple_of(3);
    let holder = if by_hand { Holder::Outside } else { Holder::Dispatcher(process(1)) };
    let ttl = (step.form.is_multiple_of(4)).then_some(Seconds(30));
    Claim { task, lock, ttl, holder }
}

fn assign(step: &Step, task: TaskId) -> Assign {
    let assignee = match step.form % 3 {
        0 => None,
        1 => Some(profile("worker")),
        _other => Some(profile("other")),
    };
    let asked = step.other.is_multiple_of(2);
    let occasion = if asked { Occasion::Asked } else { Occasion::Default };
    Assign { task, assignee, occasion }
}

fn handoff(step: &Step) -> Handoff {
    Handoff {
        result: (!step.form.is_multiple_of(3)).then(|| format!("result {}", step.other)),
        summary: (step.form.is_multiple_of(4)).then(|| "see t_00000001".to_owned()),
        ..Handoff::default()
    }
}

fn edit(step: &Step, task: TaskId) -> Edit {
    let fields = Fields {
        priority: (step.form.is_multiple_of(2)).then_some(i64::from(step.other % 3)),
        title: (step.form.is_multiple_of(3)).then(|| format!("title {}", step.other % 3)),
        skills: (step.form.is_multiple_of(5)).then_some(None),
        ..Fields::default()
    };
    Edit { task, fields }
}

fn finish(step: &Step, task: &TaskId, run: RunId) -> FinishRun {
    let exit = match step.form % 8 {
        0 | 1 => Exit::Code(0),
        2 => Exit::Code(75),
        3 => Exit::Signal(9),
        4 => Exit::SpawnFailed("no such program".to_owned()),
        5 => Exit::Limit(Limit::Time { elapsed: Seconds(9), limit: Seconds(8) }),
        6 => Exit::Limit(Limit::Idle { silent: Seconds(9) }),
        _code => Exit::Code(1),
    };
    let clean = step.form.is_multiple_of(8);
    let on_exit_zero = if clean { OnExitZero::Completes } else { OnExitZero::Violates };
    let tail = (step.other.is_multiple_of(2)).then(|| "the end\nof t_00000002".to_owned());
    FinishRun { on_exit_zero, tail, ..verbs::finish(task, run, exit) }
}
