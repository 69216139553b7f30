//! Claims about a dispatcher that runs.

use crate::stage::{FAILING, Stage, kill, lives, shell};
use andon_core::actor::Actor;
use andon_core::command::block::Block;
use andon_core::command::pause::{SetPause, Turn};
use andon_core::command::schedule::Schedule;
use andon_core::id::{Assignee, OpId};
use andon_core::task::{Status, Workspace, WorkspaceKind};
use andon_core::time::Timestamp;
use andon_daemon::dispatcher::{Dispatcher, Options, Stop};
use andon_store::{Clock, Read, Request, Store, SystemClock};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

#[test]
fn a_ready_task_gets_a_runner_that_is_told_everything() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    let task = stage.create(shell("one"));
    let runner = stage.runners(1).pop().unwrap();
    let spec = &runner.spec;
    assert_eq!((spec.task.as_str(), spec.board.as_str()), (task.as_str(), "default"));
    let program = Path::new(&spec.argv[0]);
    assert!(program.is_absolute() && program.ends_with("sh"), "{program:?}");
    assert_eq!(spec.argv[1..], ["-c", "true"]);
    assert_eq!(spec.workspace, stage.layout.workspace(&task));
    assert!(spec.workspace.is_dir());
    assert!(spec.env.contains(&("ANDON_TASK".to_owned(), task.to_string())));
    let row = stage.task(&task);
    assert_eq!(row.claim.unwrap().lock.as_str(), spec.claim_lock);
    assert_eq!(row.workspace.path.as_deref(), spec.workspace.to_str());
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
    assert!(lives(runner.pid), "stopping a dispatcher ends no runner");
}

#[test]
fn the_next_dispatcher_adopts_what_runs_and_starts_nothing_twice() {
    let stage = Stage::new();
    let first = stage.dispatch(&[]);
    let task = stage.create(shell("one"));
    let runner = stage.runners(1).pop().unwrap();
    let _worker = stage.register(&runner);
    first.stop(Stop::Leave);
    first.join().unwrap();
    let second = Dispatcher::spawn(stage.options(&[])).unwrap();
    stage.seen.wait_for("Leading { adopted: 1 }");
    kill(runner.pid);
    // It holds the runner it did not start: the end is noticed without any commit.
    stage.wait_until("the run is closed", || !stage.run(runner.run()).is_open());
    assert_eq!(stage.task(&task).hold.failures.crash, 1);
    second.stop(Stop::Leave);
    second.join().unwrap();
}

#[test]
fn a_runner_that_dies_takes_its_worker_along_before_the_task_is_tried_again() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    let task = stage.create(shell("one"));
    let first = stage.runners(1).pop().unwrap();
    let worker = stage.register(&first);
    kill(first.pid);
    let second = stage.runners(2).pop().unwrap();
    assert!(!lives(worker.0.id().cast_signed()), "the old worker ends before the new run begins");
    let run = stage.run(first.run());
    assert_eq!(run.outcome.as_deref(), Some("crashed"));
    assert!(run.keeper.unwrap().gone_at.is_some());
    assert_eq!(stage.task(&task).current_run, Some(second.run()));
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_runner_that_never_registers_is_a_failure_to_start_and_the_breaker_opens() {
    let stage = Stage::new();
    stage.program(FAILING);
    let dispatcher = stage.dispatch(&[]);
    let task = stage.create(shell("one"));
    stage.wait_for_status(&task, Status::Blocked);
    let failures = stage.task(&task).hold.failures;
    assert_eq!((failures.spawn, failures.crash), (2, 0));
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_workspace_that_cannot_be_made_is_a_failure_to_start_that_says_so() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    let path = Some(stage.dir.path().to_str().unwrap().to_owned());
    let workspace = Some(Workspace { kind: WorkspaceKind::Worktree, path, branch: None });
    let task = stage.create(andon_core::command::create::Create { workspace, ..shell("one") });
    stage.wait_for_status(&task, Status::Blocked);
    let error = stage.task(&task).last_failure_error.unwrap();
    assert!(error.contains("workspace: ") && error.contains("Git repository"), "{error}");
    assert!(stage.started().is_empty());
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn never_more_run_than_may_and_a_free_place_is_filled() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[("max_in_progress", 2)]);
    (0..5).for_each(|n| drop(stage.create(shell(&format!("task {n}")))));
    let mut finished = 0;
    while finished < 5 {
        let runners = stage.runners((finished + 2).min(5));
        let open = stage.store.run_open_list().unwrap().len();
        assert!(open <= 2, "{open} run");
        stage.finish(&runners[finished]);
        finished += 1;
    }
    stage.wait_until("all done", || stage.tasks().iter().all(|task| task.status == Status::Done));
    assert_eq!(stage.started().len(), 5);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_profile_limit_lets_other_profiles_pass() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[("max_in_progress_per_profile", 1)]);
    (0..3).for_each(|n| drop(stage.create(shell(&format!("task {n}")))));
    let other = Some(Assignee::parse("other").unwrap());
    let task = stage.create(andon_core::command::create::Create { assignee: other, ..shell("x") });
    stage.wait_for_status(&task, Status::Running);
    stage.seen.wait_for("skipped_per_profile_capped: [Capped");
    // The others are held back already while the first one is only being started.
    let open = || stage.store.run_open_list().unwrap().len();
    stage.wait_until("one of each profile runs", || open() >= 2);
    assert_eq!(open(), 2);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_paused_board_starts_nothing_until_it_is_resumed() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    stage.apply(SetPause { turn: Turn::Pause { reason: None } }).unwrap();
    let task = stage.create(shell("one"));
    dispatcher.wake();
    stage.apply(SetPause { turn: Turn::Resume }).unwrap();
    stage.wait_for_status(&task, Status::Running);
    let runs = stage.store.run_list(&task).unwrap();
    assert_eq!(runs.len(), 1);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_scheduled_task_starts_when_its_time_has_come() {
    let stage = Stage::new();
    // A full pass is far away: only the timer can wake it.
    let dispatcher = stage.dispatch(&[("dispatch_interval_seconds", 3_600)]);
    let mut create = shell("later");
    create.assignee = None;
    let task = stage.create(create);
    let due_at = Some(Timestamp(SystemClock.now().0 + 2));
    stage.apply(Schedule { task: task.clone(), reason: None, due_at, expected_run: None }).unwrap();
    stage.wait_for_status(&task, Status::Ready);
    assert!(Some(SystemClock.now()) >= due_at);
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}

#[test]
fn a_second_dispatcher_stands_by_and_takes_over() {
    let stage = Stage::new();
    let first = stage.dispatch(&[]);
    let second = Dispatcher::spawn(stage.options(&[])).unwrap();
    stage.seen.wait_for("StandingBy");
    assert_eq!(stage.seen.count("Leading"), 1);
    first.stop(Stop::Leave);
    first.join().unwrap();
    let task = stage.create(shell("one"));
    stage.wait_for_status(&task, Status::Running);
    second.stop(Stop::Leave);
    second.join().unwrap();
}

#[test]
fn a_dispatcher_that_waits_for_the_lock_can_be_stopped() {
    let stage = Stage::new();
    let first = stage.dispatch(&[]);
    let second = Dispatcher::spawn(stage.options(&[])).unwrap();
    stage.seen.wait_for("StandingBy");
    second.stop(Stop::Leave);
    second.join().unwrap();
    first.stop(Stop::Leave);
    first.join().unwrap();
}

#[test]
fn draining_waits_for_what_runs_and_starts_nothing_new() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    let first = stage.create(shell("one"));
    let runner = stage.runners(1).pop().unwrap();
    let _worker = stage.register(&runner);
    dispatcher.stop(Stop::Drain);
    let second = stage.create(shell("two"));
    assert!(!dispatcher.is_finished());
    stage.finish(&runner);
    dispatcher.join().unwrap();
    assert_eq!(stage.task(&first).status, Status::Done);
    assert_eq!(stage.task(&second).status, Status::Ready);
}

#[test]
fn draining_waits_for_a_worker_that_has_reported_its_end() {
    let stage = Stage::new();
    let dispatcher = stage.dispatch(&[]);
    stage.create(shell("one"));
    let runner = stage.runners(1).pop().unwrap();
    let _worker = stage.register(&runner);
    let (task, expected_run) = (runner.task(), Some(runner.run()));
    stage.apply(Block { task, reason: None, kind: None, expected_run }).unwrap();
    dispatcher.stop(Stop::Drain);
    let until = Instant::now() + Duration::from_millis(300);
    stage.wait_until("a moment has passed", || Instant::now() >= until);
    assert!(!dispatcher.is_finished(), "its processes are not gone yet");
    stage.end(&runner);
    dispatcher.join().unwrap();
}

#[test]
fn a_dispatcher_sleeps_while_its_board_is_paused_whatever_was_refused_before() {
    let stage = Stage::new();
    // The board is paused between the plan to start the task and its claim.
    let (plain, store) = (stage.options(&[]), Arc::clone(&stage.store));
    let random = Arc::clone(&plain.random);
    let once = Once::new();
    let random = Arc::new(move || {
        once.call_once(|| {
            let command = SetPause { turn: Turn::Pause { reason: None } }.into();
            let (op, actor) = (OpId::new(1, [255; 10]), Actor::human("tester"));
            store.apply(Request { op, actor, command }).unwrap();
        });
        random()
    });
    stage.create(shell("one"));
    let dispatcher = Dispatcher::spawn(Options { random, ..plain }).unwrap();
    stage.wait_until("it is paused", || stage.store.pause_get().unwrap().is_some());
    // Long after the refusal, which is remembered for a quarter of a second.
    let until = Instant::now() + Duration::from_secs(1);
    stage.wait_until("a second has passed", || Instant::now() >= until);
    let passes = stage.seen.passes.load(Ordering::Relaxed);
    assert!(passes <= 20, "{passes} passes in a second in which nothing happened");
    dispatcher.stop(Stop::Leave);
    dispatcher.join().unwrap();
}
