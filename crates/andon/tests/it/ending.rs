//! `cancel`, `reclaim`, `archive` of a run with a living runner: they wait for its end.

use crate::env::TestEnv;
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::complete::{Complete, Handoff};
use andon_core::command::finish_run::{FinishRun, Seen};
use andon_core::command::register::Register;
use andon_core::id::{ClaimLock, OpId, RunId, TaskId};
use andon_core::policy::Policy;
use andon_core::process::Process;
use andon_core::run::{Exit, OnExitZero, Termination, Usage};
use andon_store::{Applied, Environment, Read, Request, Store, SystemClock};
use andon_store_sqlite::{Options, SqliteStore};
use insta::assert_snapshot;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A dispatcher and a runner, played by the test.
struct Keeper {
    store: SqliteStore,
    task: TaskId,
    run: RunId,
}

impl Keeper {
    fn start(env: &TestEnv, task: &str) -> Self {
        let environment = Environment {
            clock: Arc::new(SystemClock),
            random: Arc::new(|| 7),
            policy: Arc::new(Policy::default()),
        };
        let store = SqliteStore::open(&env.database(), Options::default(), environment).unwrap();
        let task = TaskId::parse(task).unwrap();
        let us = Process { machine: "m".into(), boot: "b".into(), pid: 1, started: 1 };
        let lock = ClaimLock::new("host", 1, 1);
        let holder = Holder::Dispatcher(us.clone());
        let claim = Claim { task: task.clone(), lock, ttl: None, holder };
        let run = apply(&store, 1, claim).run.unwrap();
        let (runner, worker) = (us.clone(), us);
        apply(&store, 2, Register { task: task.clone(), run, runner, worker });
        Self { store, task, run }
    }

    /// Ends the run once its end is asked for, as a runner does. A worker may report first.
    fn end_when_asked(&self, worker: Worker) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut watch = self.store.watch().unwrap();
        let asked = |run: &andon_core::run::Run| run.keeper.as_ref().unwrap().stop.is_some();
        while !asked(&self.store.run_get(self.run).unwrap().unwrap()) {
            assert!(Instant::now() < deadline, "no stop was asked for");
            let pause = rustix::time::Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            while !watch.changed().unwrap() && Instant::now() < deadline {
                rustix::event::poll(&mut [], Some(&pause)).unwrap();
            }
        }
        if worker == Worker::Reports {
            let (task, expected_run) = (self.task.clone(), Some(self.run));
            let (handoff, created_cards) = (Handoff::default(), Vec::new());
            apply(&self.store, 4, Complete { task, handoff, created_cards, expected_run });
        }
        apply(
            &self.store,
            3,
            FinishRun {
                task: self.task.clone(),
                run: self.run,
                seen: Seen::TreeGone,
                exit: Exit::Signal(15),
                usage: Usage::default(),
                on_exit_zero: OnExitZero::Violates,
                tail: None,
                termination: Termination::default(),
            },
        );
    }
}

fn apply(store: &SqliteStore, op: u64, command: impl Into<Command>) -> Applied {
    let op = OpId::new(op, [9; 10]);
    store.apply(Request { op, actor: Actor::dispatcher(), command: command.into() }).unwrap()
}

/// What a worker does that is asked to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worker {
    Ends,
    Reports,
}

fn ended_by(verb: &[&str], worker: Worker) -> (TestEnv, String, crate::env::Ran) {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let keeper = Keeper::start(&env, &task);
    let mut arguments = verb.to_vec();
    arguments.push(&task);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| keeper.end_when_asked(worker));
        env.run(&arguments)
    });
    (env, task, ran)
}

#[test]
fn cancel_waits_until_every_process_is_gone() {
    let (env, task, ran) = ended_by(&["cancel", "--reason", "not wanted"], Worker::Ends);
    assert_snapshot!(ran, @"
    exit 0
    -- stdout
    Cancelled <task-1>: not wanted (run 1 and all its processes are gone)
    -- stderr
    ending run 1 of <task-1> …
    ");
    assert_eq!(env.status(&task), "blocked");
}

#[test]
fn reclaim_answers_where_the_task_stands_afterwards() {
    let (_env, _task, ran) = ended_by(&["reclaim", "--json"], Worker::Ends);
    assert_snapshot!(ran, @r#"
    exit 0
    -- stdout
    {
      "task_id": "<task-1>",
      "change": "stopped",
      "status": "ready",
      "run_id": 1,
      "event_id": null,
      "at": <unix>,
      "error": null
    }
    "#);
}

#[test]
fn s11_archive_ends_the_run_first() {
    let (env, task, ran) = ended_by(&["archive"], Worker::Ends);
    assert_snapshot!(ran, @"
    exit 0
    -- stdout
    Archived <task-1> (run 1 and all its processes are gone)
    -- stderr
    ending run 1 of <task-1> …
    ");
    assert_eq!(env.status(&task), "archived");
}

#[test]
fn a_task_whose_worker_reports_at_the_last_moment_is_archived_and_neither_cancelled_nor_reclaimed()
{
    let (env, task, ran) = ended_by(&["archive"], Worker::Reports);
    assert_eq!(env.status(&task), "archived");
    let gone = "(run 1 and all its processes are gone)\n";
    assert_eq!(ran.stdout, format!("Archived {task} {gone}"));
    let (env, task, ran) = ended_by(&["cancel", "--reason", "not wanted"], Worker::Reports);
    assert_eq!(env.status(&task), "done");
    assert_eq!(ran.stdout, format!("{task} is done, not cancelled {gone}"));
    let (_, task, ran) = ended_by(&["reclaim"], Worker::Reports);
    assert_eq!(ran.stdout, format!("{task} is done, not reclaimed {gone}"));
}

#[test]
fn a_wait_has_an_end_and_says_that_the_run_has_not() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let _keeper = Keeper::start(&env, &task);
    assert_snapshot!(env.run(&["cancel", &task, "--wait", "1s"]), @"
    exit 1
    -- stderr
    ending run 1 of <task-1> …
    andon: the end of run 1 of <task-1> was asked for; still not gone after <n>s
      hint: the runner goes on ending it: see `andon show <task-1>`
    ");
    assert_snapshot!(env.run(&["reclaim", &task]), @"
    exit 1
    -- stderr
    andon: <task-1> is already ending: it goes to blocked
    ");
}

#[test]
fn nobody_has_to_wait() {
    let env = TestEnv::new();
    let task = env.create(&["A"]);
    let _keeper = Keeper::start(&env, &task);
    assert_snapshot!(env.run(&["cancel", &task, "--no-wait"]), @"
    exit 0
    -- stdout
    Asked run 1 of <task-1> to end
    ");
    assert_eq!(env.status(&task), "running");
}
