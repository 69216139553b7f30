//! A run from start to end, on a board that does as it is told.

use crate::board::{OneRun, RUN, TASK, busy};
use crate::roles::{alone, eventually, stub_program};
use andon_core::command::Command;
use andon_core::command::finish_run::FinishRun;
use andon_core::command::heartbeat::Sign;
use andon_core::policy::retry::RetryPolicy;
use andon_core::process::Process;
use andon_core::rejected::Rejected;
use andon_core::run::{Exit, Limit, Means};
use andon_proc::process;
use andon_runner::identity::{Host, Liveness};
use andon_runner::keeper::{KeepError, prepare};
use andon_runner::limits::Limits;
use andon_runner::settings::BoardSettings;
use andon_runner::spec::{ExitZero, RunSpec};
use andon_store::StoreError;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// A run to be kept, with its files.
pub(crate) struct Scene {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) board: Arc<OneRun>,
    pub(crate) spec: RunSpec,
}

fn scene(script: &str) -> Scene {
    Scene::of(script)
}

impl Scene {
    /// A run whose worker is a shell script.
    pub(crate) fn of(script: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let here = Host::read().unwrap().this_process().unwrap();
        let spec = RunSpec {
            db: dir.path().join("kanban.db"),
            home: dir.path().to_owned(),
            board: "default".to_owned(),
            task: TASK.to_owned(),
            run: RUN.0,
            claim_lock: "host:1:aa".to_owned(),
            argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            env: vec![("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())],
            workspace: dir.path().to_owned(),
            log: dir.path().join("logs").join(format!("{TASK}.log")),
            log_rotate_bytes: 1_000_000,
            log_backups: 1,
            limits: Limits::NONE,
            cgroup_root: Some(PathBuf::from("/proc")),
            grace_ms: 60_000,
            linger_ms: 60_000,
            lease_ttl_s: 900,
            on_exit_zero: ExitZero::Violates,
            mark: format!("keeper-test-{}", here.pid),
            settings: BoardSettings {
                busy_ms: 5_000,
                checkpoint_pages: 1_000,
                writer_lock: true,
                claim_ttl_s: 900,
                retry: (&RetryPolicy::default()).into(),
            },
        };
        Self { dir, board: OneRun::new(here), spec }
    }

    fn keep(&self) -> Result<(), KeepError> {
        // As it travels to a runner.
        let text = serde_json::to_string(&self.spec).unwrap();
        let spec = RunSpec::read(text.as_bytes()).unwrap();
        prepare(spec, &stub_program()).unwrap().keep(&*self.board)
    }

    /// Keeps the run while a second thread meddles.
    fn keep_while(&self, meddle: impl FnOnce(&OneRun, &Path) + Send + 'static) {
        let (board, dir) = (Arc::clone(&self.board), self.dir.path().to_owned());
        let prepared = prepare(self.spec.clone(), &stub_program()).unwrap();
        let meddler = thread::spawn(move || meddle(&board, &dir));
        prepared.keep(&*self.board).unwrap();
        meddler.join().unwrap();
    }

    fn end(&self) -> FinishRun {
        let requests = self.board.told("finish-run");
        match requests.last().map(|request| &request.command) {
            Some(Command::FinishRun(end)) => end.clone(),
            other => panic!("no end was recorded: {other:?}"),
        }
    }

    fn worker(&self) -> Process {
        let requests = self.board.told("register");
        match requests.last().map(|request| &request.command) {
            Some(Command::Register(register)) => register.worker.clone(),
            other => panic!("no worker was registered: {other:?}"),
        }
    }
}

pub(crate) fn await_file(dir: &Path, name: &str) {
    eventually(name, || dir.join(name).exists());
}

fn gone(process: &Process) -> bool {
    Host::read().unwrap().liveness(process) == Liveness::Gone
}

alone! {
    fn an_exit_is_recorded_with_its_code_and_last_words() {
        let scene = scene("echo working; echo failed >&2; exit 3");
        scene.keep().unwrap();
        let end = scene.end();
        assert_eq!((end.exit, end.run), (Exit::Code(3), RUN));
        assert_eq!(end.tail.as_deref(), Some("working\nfailed\n"));
        assert_eq!(end.termination.means, Means::NotAttempted);
        assert_eq!(end.termination.pid, Some(scene.worker().pid.into()));
        assert_eq!(fs::read_to_string(&scene.spec.log).unwrap(), "working\nfailed\n");
        assert!(end.usage.max_rss_kb > 0);
    }

    fn a_worker_is_registered_before_its_program_starts() {
        let scene = scene("touch ran");
        scene.board.fail("register", 2, &busy());
        let dir = scene.dir.path().to_owned();
        scene.keep_while(move |board, _| {
            board.await_told("register", 2);
            assert!(!dir.join("ran").exists());
        });
        assert!(scene.dir.path().join("ran").exists());
        let told = scene.board.told("register");
        assert!(told.iter().all(|request| request.op == told[0].op), "a repeated request is the same");
    }

    fn a_run_that_is_over_before_it_began_starts_nothing() {
        let scene = scene("touch ran");
        let stale = Rejected::UnknownRun(RUN);
        scene.board.fail("register", 1, &StoreError::Rejected(stale));
        scene.keep().unwrap();
        assert!(gone(&scene.worker()));
        assert!(!scene.dir.path().join("ran").exists());
        assert!(scene.board.told("finish-run").is_empty());
    }

    fn a_damaged_board_starts_nothing() {
        let scene = scene("touch ran");
        scene.board.fail("register", 1, &StoreError::Internal("damaged".to_owned()));
        assert!(matches!(scene.keep(), Err(KeepError::Register { .. })));
        assert!(gone(&scene.worker()));
        assert!(!scene.dir.path().join("ran").exists());
    }

    fn a_missing_program_is_recorded_as_such() {
        let mut scene = scene("");
        scene.spec.argv = vec!["no-such-agent".to_owned()];
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::SpawnFailed("no-such-agent: not found".to_owned()));
    }

    fn a_log_that_cannot_be_opened_is_recorded_and_starts_nothing() {
        let mut scene = scene("touch ran");
        scene.spec.log = scene.dir.path().to_owned();
        scene.keep().unwrap();
        let exit = scene.end().exit;
        assert!(matches!(&exit, Exit::SpawnFailed(why) if why.starts_with("log ")), "{exit}");
        assert!(!scene.dir.path().join("ran").exists());
    }

    fn a_wish_to_stop_ends_the_whole_tree_before_it_is_recorded() {
        let scene = scene("(setsid sleep 1000 &); echo $$ >ready; exec sleep 1000");
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.stop();
        });
        let end = scene.end();
        assert_eq!((end.exit, end.termination.means), (Exit::Signal(15), Means::Asked));
        assert!(gone(&scene.worker()));
    }

    fn a_wish_that_came_before_the_board_was_watched_is_heard() {
        let scene = scene("exec sleep 100");
        scene.board.stop_unseen();
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::Signal(15));
    }

    fn descendants_of_a_worker_that_left_are_ended_before_its_end_is_recorded() {
        let detached = "echo $$ >child; exec sleep 1000";
        let scene = scene(&format!("(setsid sh -c '{detached}' &); until [ -s child ]; do :; done"));
        scene.keep().unwrap();
        let end = scene.end();
        assert_eq!((end.exit, end.termination.means), (Exit::Code(0), Means::Asked));
        let child = fs::read_to_string(scene.dir.path().join("child")).unwrap();
        assert!(process::read(child.trim().parse().unwrap()).is_err());
    }

    fn a_worker_that_reported_may_leave_by_itself() {
        let scene = scene("touch ready; until [ -e go ]; do :; done; exit 4");
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.close();
            fs::write(dir.join("go"), "").unwrap();
        });
        let end = scene.end();
        assert_eq!((end.exit, end.termination.means), (Exit::Code(4), Means::NotAttempted));
    }

    fn a_worker_that_reported_and_stays_is_ended() {
        let mut scene = scene("touch ready; exec sleep 1000");
        scene.spec.linger_ms = 100;
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.close();
        });
        assert_eq!(scene.end().exit, Exit::Signal(15));
    }

    fn a_run_that_lost_its_claim_is_ended() {
        let mut scene = scene("exec sleep 1000");
        (scene.spec.linger_ms, scene.spec.lease_ttl_s) = (100, 1);
        let stale = StoreError::Rejected(Rejected::UnknownRun(RUN));
        scene.board.fail("heartbeat", 1, &stale);
        scene.keep().unwrap();
        assert_eq!(scene.end().exit, Exit::Signal(15));
    }

    fn the_lease_is_renewed_while_the_worker_says_nothing() {
        let mut scene = scene("until [ -e go ]; do sleep 0.01; done");
        scene.spec.lease_ttl_s = 3;
        // A busy board costs a renewal, not the run.
        scene.board.fail("heartbeat", 1, &busy());
        scene.keep_while(|board, dir| {
            board.await_told("heartbeat", 3);
            fs::write(dir.join("go"), "").unwrap();
        });
        assert_eq!(scene.end().exit, Exit::Code(0));
        let beats = scene.board.told("heartbeat");
        let keepers = beats.iter().all(|request| match &request.command {
            Command::Heartbeat(beat) => beat.sign == Sign::Keeper && beat.expected_run == Some(RUN),
            _ => false,
        });
        assert!(keepers, "{beats:?}");
    }

    fn an_exit_outlasts_a_busy_board() {
        let scene = scene("exit 3");
        scene.board.fail("finish-run", 4, &busy());
        scene.keep().unwrap();
        let told = scene.board.told("finish-run");
        assert_eq!(told.len(), 5);
        assert!(told.iter().all(|request| request.op == told[0].op), "a repeated request is the same");
    }

    fn an_end_that_cannot_be_recorded_is_reported() {
        let scene = scene("exit 3");
        scene.board.fail("finish-run", 1, &StoreError::Internal("damaged".to_owned()));
        let error = scene.keep().unwrap_err();
        assert!(matches!(&error, KeepError::Unrecorded { exit: Exit::Code(3), .. }), "{error}");
    }

    fn a_limit_ends_the_run_and_is_recorded() {
        let mut scene = scene("exec sleep 1000");
        scene.spec.limits.time_s = Some(1);
        scene.keep().unwrap();
        let end = scene.end();
        assert!(matches!(end.exit, Exit::Limit(Limit::Time { .. })), "{}", end.exit);
        assert_eq!(end.termination.means, Means::Asked);
    }

    fn a_heartbeat_counts_as_a_sign_of_life() {
        let mut scene = scene("exec sleep 1000");
        scene.spec.limits.idle_s = Some(2);
        let begun = std::time::Instant::now();
        scene.keep_while(move |board, _| {
            board.await_told("register", 1);
            eventually("half of the idle time is over", || begun.elapsed().as_millis() > 1500);
            board.heartbeat(5);
        });
        assert!(matches!(scene.end().exit, Exit::Limit(Limit::Idle { .. })));
        assert!(begun.elapsed().as_millis() >= 3500);
    }

    fn stopping_the_runner_does_not_stop_the_worker() {
        let scene = scene("touch ready; until [ -e go ]; do :; done; exit 6");
        scene.keep_while(|_, dir| {
            await_file(dir, "ready");
            let own = rustix::process::getpid();
            for signal in ["TERM", "INT", "HUP"] {
                let status = std::process::Command::new("/bin/kill")
                    .args(["-s", signal, &own.as_raw_pid().to_string()])
                    .status();
                assert!(status.unwrap().success());
            }
            fs::write(dir.join("go"), "").unwrap();
        });
        assert_eq!(scene.end().exit, Exit::Code(6));
    }

    fn a_worker_hears_the_signals_that_its_runner_ignores() {
        let scene = scene("trap 'exit 9' TERM; touch ready; while :; do sleep 0.01; done");
        scene.keep_while(|board, dir| {
            await_file(dir, "ready");
            board.stop();
        });
        assert_eq!(scene.end().exit, Exit::Code(9));
    }
}
