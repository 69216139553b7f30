//! Runs: how they are kept, how they end, and what is read of them.

use super::claims;
use crate::fixture::{Board, process, verbs};
use andon_core::command::cancel::Cancel;
use andon_core::command::complete::Handoff;
use andon_core::command::edit_result::EditResult;
use andon_core::id::TaskId;
use andon_core::policy::Policy;
use andon_core::run::{Exit, JsonText, Run, StopTo};
use andon_core::task::Status;
use andon_core::transition::Outcome;
use andon_store::Newest;

claims![
    a_registered_run_knows_its_processes,
    a_run_is_stopped_in_two_steps,
    a_wish_to_archive_holds_though_the_worker_reported_first,
    a_failure_is_remembered_and_delays_the_next_attempt,
    the_breaker_opens_at_its_bound_and_stays_open,
    a_completion_without_a_run_leaves_a_closed_one,
    the_hand_off_stands_on_the_run,
    a_later_result_rewrites_the_completed_run,
    the_newest_completed_runs_of_a_profile_are_found,
    d42_the_newest_runs_of_a_task_come_alone,
    open_runs_are_listed_with_their_tasks,
    a_clock_that_is_set_back_ends_no_run_before_it_began,
];

fn a_registered_run_knows_its_processes(board: &Board) {
    let id = board.task("a").create();
    let run = board.start(&id);
    let stored = board.last_run(&id);
    assert_eq!(board.store.run_get(run), Ok(Some(stored.clone())));
    let keeper = stored.keeper.expect("a dispatched run is kept");
    assert_eq!(keeper.came_from, Status::Ready);
    assert_eq!(keeper.claimer, process(1));
    assert_eq!((keeper.runner, keeper.worker), (Some(process(2)), Some(process(3))));
    assert_eq!((stored.worker_pid, board.get(&id).worker_pid), (Some(3), Some(3)));
    assert_eq!(board.kinds(&id), ["created", "claimed", "spawned"]);
}

fn a_run_is_stopped_in_two_steps(board: &Board) {
    let id = board.task("a").create();
    let run = board.start(&id);
    let cancel = || Cancel { task: id.clone(), reason: Some("enough".into()) };
    let asked = board.done(cancel());
    assert_eq!(asked.outcome, Outcome::Stopping { task: id.clone(), run });
    assert_eq!(board.status(&id), Status::Running);
    let stop = board.last_run(&id).keeper.and_then(|keeper| keeper.stop);
    let stop = stop.expect("the wish is stored");
    assert_eq!((stop.to, stop.at, stop.by.as_str()), (StopTo::Blocked, board.now(), "tester"));
    assert_eq!(board.refused(cancel()).code(), "already_stopping");
    board.done(verbs::finish(&id, run, Exit::Signal(15)));
    assert_eq!(board.status(&id), Status::Blocked);
    assert_eq!(board.last_run(&id).outcome.as_deref(), Some("cancelled"));
    assert_eq!(board.get(&id).consecutive_failures, 0);
}

fn a_wish_to_archive_holds_though_the_worker_reported_first(board: &Board) {
    let id = board.task("a").create();
    let run = board.start(&id);
    board.archive(&id);
    board.complete(&id);
    assert_eq!(board.status(&id), Status::Done);
    board.done(verbs::finish(&id, run, Exit::Code(0)));
    assert_eq!(board.status(&id), Status::Archived);
    assert_eq!(board.last_run(&id).outcome.as_deref(), Some("completed"));
    assert_eq!(board.kinds(&id).last().map(String::as_str), Some("archived"));
}

fn fail(board: &Board, id: &TaskId) {
    let run = board.start(id);
    board.done(verbs::finish(id, run, Exit::Code(1)));
    board.pass(1_000);
}

fn a_failure_is_remembered_and_delays_the_next_attempt(board: &Board) {
    let id = board.task("a").create();
    let run = board.start(&id);
    board.done(verbs::finish(&id, run, Exit::Code(1)));
    let task = board.get(&id);
    assert_eq!((task.status, task.consecutive_failures), (Status::Ready, 1));
    assert_eq!(task.hold.failures.crash, 1);
    let until = task.hold.not_before.expect("a failure is followed by a wait");
    assert_eq!(board.store.next_due(board.now()), Ok(Some(until)));
    assert_eq!(board.refused(verbs::dispatch(&id)).code(), "cooling_down");
    board.pass(until.0 - board.now().0);
    board.done(verbs::dispatch(&id));
    assert_eq!(board.get(&id).hold.not_before, None);
}

fn the_breaker_opens_at_its_bound_and_stays_open(board: &Board) {
    let limit = Policy::default().retry.crash.limit;
    let id = board.task("a").create();
    for _ in 0..limit {
        assert_eq!(board.status(&id), Status::Ready);
        fail(board, &id);
    }
    assert_eq!(board.status(&id), Status::Blocked);
    let other = board.task("other").create();
    board.complete(&other);
    assert_eq!(board.status(&id), Status::Blocked, "nothing else releases it");
    board.done(andon_core::command::unblock::Unblock { task: id.clone(), reason: None });
    let task = board.get(&id);
    assert_eq!((task.status, task.consecutive_failures), (Status::Ready, 0));
    assert_eq!(task.hold.failures.total(), 0);
}

fn a_completion_without_a_run_leaves_a_closed_one(board: &Board) {
    let id = board.task("a").assigned("worker").create();
    board.complete(&id);
    let run = board.last_run(&id);
    assert_eq!((run.status.as_str(), run.outcome.as_deref()), ("completed", Some("completed")));
    assert_eq!((run.started_at, run.ended_at), (board.now(), Some(board.now())));
    assert_eq!(run.profile.as_deref(), Some("worker"));
}

fn the_hand_off_stands_on_the_run(board: &Board) {
    let id = board.task("a").claimed();
    let mut complete = verbs::complete(&id);
    complete.handoff = Handoff {
        result: Some("42".into()),
        summary: Some("computed it".into()),
        metadata: Some(JsonText("{\"n\": 42}".into())),
        artifacts: Vec::new(),
    };
    board.done(complete);
    let run = board.last_run(&id);
    assert_eq!((run.status.as_str(), run.outcome.as_deref()), ("done", Some("completed")));
    assert_eq!(run.summary.as_deref(), Some("computed it"));
    assert_eq!(run.metadata, Some(JsonText("{\"n\": 42}".into())));
    assert_eq!(board.get(&id).result.as_deref(), Some("42"));
}

fn a_later_result_rewrites_the_completed_run(board: &Board) {
    let id = board.task("a").claimed();
    board.complete(&id);
    let before = board.last_run(&id);
    let handoff = Handoff { result: Some("better".into()), ..Handoff::default() };
    board.done(EditResult { task: id.clone(), handoff });
    assert_eq!(board.runs(&id).len(), 1);
    assert_eq!(board.last_run(&id).summary.as_deref(), Some("better"));
    assert_eq!(board.last_run(&id).metadata, before.metadata);
    assert_eq!(board.get(&id).result.as_deref(), Some("better"));
}

fn the_newest_completed_runs_of_a_profile_are_found(board: &Board) {
    let mut ids = Vec::new();
    for name in ["worker", "worker", "other", "worker"] {
        let id = board.task("a").assigned(name).claimed();
        board.complete(&id);
        board.pass(1);
        ids.push(id);
    }
    let recent = board.store.run_recent("worker", &ids[3], 10).expect("runs can be read");
    let tasks: Vec<&TaskId> = recent.iter().map(|run| &run.task).collect();
    assert_eq!(tasks, [&ids[1], &ids[0]]);
    let one = board.store.run_recent("worker", &ids[3], 1).expect("runs can be read");
    assert_eq!(one.len(), 1);
}

fn d42_the_newest_runs_of_a_task_come_alone(board: &Board) {
    let id = board.task("a").with(|create| create.max_retries = Some(9)).create();
    assert_eq!(board.store.run_completed(&id), Ok(None));
    let ended = [Exit::Code(1), Exit::Code(2), Exit::Code(3)].map(|exit| {
        let run = board.start(&id);
        board.done(verbs::finish(&id, run, exit));
        board.pass(3_600);
        run
    });
    let open = board.start(&id);
    let newest = |limit| board.store.run_newest(&id, limit).expect("runs can be read");
    let numbers = |found: &Newest<Run>| found.rows.iter().map(|run| run.id).collect::<Vec<_>>();
    for (limit, earlier) in [(1, 2), (2, 1), (3, 0), (4, 0)] {
        let found = newest(limit);
        assert_eq!((numbers(&found), found.earlier), (ended[earlier..].to_vec(), earlier));
    }
    assert_eq!(board.store.run_completed(&id), Ok(None));
    board.complete(&id);
    assert_eq!(board.store.run_completed(&id).map(|run| run.map(|run| run.id)), Ok(Some(open)));
}

fn open_runs_are_listed_with_their_tasks(board: &Board) {
    let id = board.task("a").assigned("worker").create();
    board.task("b").create();
    board.start(&id);
    let open = board.store.run_open_list().expect("runs can be read");
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].task, id);
    assert_eq!(open[0].run.as_ref(), Some(&board.last_run(&id)));
    board.complete(&id);
    assert_eq!(board.store.run_open_list().map(|open| open.len()), Ok(0));
    let lingering = board.store.run_lingering_list(10).expect("runs can be read");
    assert_eq!(lingering.iter().map(|run| &run.task).collect::<Vec<_>>(), [&id]);
}

fn a_clock_that_is_set_back_ends_no_run_before_it_began(board: &Board) {
    let (by_hand, kept) = (board.task("a").claimed(), board.task("b").create());
    let run = board.start(&kept);
    board.set_back(1_000);
    board.complete(&by_hand);
    board.done(verbs::finish(&kept, run, Exit::Code(1)));
    for id in [by_hand, kept] {
        let run = board.last_run(&id);
        assert_eq!(run.ended_at, Some(run.started_at));
    }
}
