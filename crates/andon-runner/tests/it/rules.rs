//! A run kept on a board that has rules: what comes of it for the task.

use crate::roles::alone;
use crate::scene::{Scene, await_file};
use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::cancel::Cancel;
use andon_core::command::claim::{Claim, Holder};
use andon_core::command::complete::{Complete, Handoff};
use andon_core::command::create::Create;
use andon_core::id::{ClaimLock, OpId, RunId, TaskId};
use andon_core::policy::Policy;
use andon_core::run::Run;
use andon_core::task::{Status, Task};
use andon_runner::identity::Host;
use andon_runner::keeper::prepare;
use andon_runner::spec::ExitZero;
use andon_store::mem::MemStore;
use andon_store::{Environment, Read, Request, Store, SystemClock};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

struct Board {
    store: Arc<MemStore>,
    task: TaskId,
    run: RunId,
}

fn apply(store: &MemStore, command: Command) -> Option<RunId> {
    static REQUESTS: AtomicU8 = AtomicU8::new(0);
    let op = OpId::new(0, [REQUESTS.fetch_add(1, Ordering::Relaxed); 10]);
    store.apply(Request { op, actor: Actor::human("tester"), command }).unwrap().run
}

/// A board with one task, claimed for the scene's run.
fn claimed(scene: &mut Scene) -> Board {
    let environment = Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(|| 0xabcd_ef01),
        policy: Arc::new(Policy::default()),
    };
    let store = Arc::new(MemStore::new(environment));
    let create = Create { title: "a task".to_owned(), ..Create::default() };
    apply(&store, create.into());
    let task = TaskId::from_random(0xabcd_ef01);
    let lock = ClaimLock::from_text(scene.spec.claim_lock.clone());
    let claimer = Host::read().unwrap().this_process().unwrap();
    let holder = Holder::Dispatcher(claimer);
    let run = apply(&store, Claim { task: task.clone(), lock, ttl: None, holder }.into()).unwrap();
    (scene.spec.task, scene.spec.run) = (task.to_string(), run.0);
    Board { store, task, run }
}

impl Board {
    fn keep(&self, scene: &Scene, meddle: impl FnOnce(&Board, &Path) + Send) {
        let prepared = prepare(scene.spec.clone(), &crate::roles::stub_program()).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| meddle(self, scene.dir.path()));
            let store: &dyn Store = &*self.store;
            prepared.keep(&store).unwrap();
        });
    }

    fn state(&self) -> (Task, Run) {
        let task = self.store.task_get(&self.task).unwrap().unwrap();
        (task, self.store.run_get(self.run).unwrap().unwrap())
    }

    fn is_gone(&self) -> bool {
        self.state().1.keeper.unwrap().gone_at.is_some()
    }
}

alone! {
    fn a_clean_exit_completes_the_task_where_the_profile_says_so() {
        let mut scene = Scene::of("echo all done");
        scene.spec.on_exit_zero = ExitZero::Completes;
        let board = claimed(&mut scene);
        board.keep(&scene, |_, _| {});
        let (task, run) = board.state();
        assert_eq!((task.status, task.current_run, task.claim), (Status::Done, None, None));
        assert_eq!(run.outcome.as_deref(), Some("completed"));
        assert!(run.summary.unwrap().contains("all done"));
        assert!(board.is_gone());
    }

    fn a_crash_sends_the_task_back_with_its_last_words() {
        let mut scene = Scene::of("echo cannot go on; exit 3");
        let board = claimed(&mut scene);
        board.keep(&scene, |_, _| {});
        let (task, run) = board.state();
        assert_eq!((task.status, run.outcome.as_deref()), (Status::Ready, Some("crashed")));
        let error = run.error.unwrap();
        assert!(error.contains("exited with code 3: cannot go on"), "{error}");
        assert!(board.is_gone());
    }

    fn a_cancelled_task_is_free_only_when_its_processes_are_gone() {
        let mut scene = Scene::of(
            "trap 'touch asked; until [ -e go ]; do :; done; exit 0' TERM; \
             touch ready; while :; do sleep 0.01; done",
        );
        let board = claimed(&mut scene);
        board.keep(&scene, |board, dir| {
            await_file(dir, "ready");
            let cancel = Cancel { task: board.task.clone(), reason: None };
            apply(&board.store, cancel.into());
            await_file(dir, "asked");
            assert_eq!(board.state().0.status, Status::Running);
            std::fs::write(dir.join("go"), "").unwrap();
        });
        let (task, run) = board.state();
        assert_eq!((task.status, run.outcome.as_deref()), (Status::Blocked, Some("cancelled")));
        assert!(board.is_gone());
    }

    fn a_completed_task_is_done_at_once_and_its_worker_is_ended_later() {
        let mut scene = Scene::of("touch ready; exec sleep 1000");
        scene.spec.linger_ms = 100;
        let board = claimed(&mut scene);
        board.keep(&scene, |board, dir| {
            await_file(dir, "ready");
            let task = board.task.clone();
            let (handoff, expected_run) = (Handoff::default(), Some(board.run));
            let complete = Complete { task, handoff, created_cards: Vec::new(), expected_run };
            apply(&board.store, complete.into());
            assert_eq!(board.state().0.status, Status::Done);
        });
        let (task, run) = board.state();
        assert_eq!((task.status, run.outcome.as_deref()), (Status::Done, Some("completed")));
        assert!(board.is_gone());
    }

    fn a_task_cancelled_before_its_runner_came_starts_nothing() {
        let mut scene = Scene::of("touch ran");
        let board = claimed(&mut scene);
        apply(&board.store, Cancel { task: board.task.clone(), reason: None }.into());
        board.keep(&scene, |_, _| {});
        assert_eq!(board.state().0.status, Status::Blocked);
        assert!(!scene.dir.path().join("ran").exists());
    }
}
