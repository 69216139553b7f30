//! A run that is kept here, with the board and the files that it has.

use crate::board::{OneRun, RUN, TASK};
use crate::roles::{eventually, stub_program};
use andon_core::command::Command;
use andon_core::command::finish_run::FinishRun;
use andon_core::policy::retry::RetryPolicy;
use andon_core::process::Process;
use andon_runner::identity::{Host, Liveness};
use andon_runner::keeper::{KeepError, prepare};
use andon_runner::limits::Limits;
use andon_runner::settings::BoardSettings;
use andon_runner::spec::{ExitZero, RunSpec};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// A run to be kept, with its files.
pub(crate) struct Scene {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) board: Arc<OneRun>,
    pub(crate) spec: RunSpec,
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
            open_files: None,
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

    pub(crate) fn keep(&self) -> Result<(), KeepError> {
        // As it travels to a runner.
        let text = serde_json::to_string(&self.spec).unwrap();
        let spec = RunSpec::read(text.as_bytes()).unwrap();
        prepare(spec, &stub_program()).unwrap().keep(&*self.board)
    }

    /// Keeps the run while a second thread meddles.
    pub(crate) fn keep_while(&self, meddle: impl FnOnce(&OneRun, &Path) + Send + 'static) {
        let (board, dir) = (Arc::clone(&self.board), self.dir.path().to_owned());
        let prepared = prepare(self.spec.clone(), &stub_program()).unwrap();
        let meddler = thread::spawn(move || meddle(&board, &dir));
        prepared.keep(&*self.board).unwrap();
        meddler.join().unwrap();
    }

    pub(crate) fn end(&self) -> FinishRun {
        let requests = self.board.told("finish-run");
        match requests.last().map(|request| &request.command) {
            Some(Command::FinishRun(end)) => end.clone(),
            other => panic!("no end was recorded: {other:?}"),
        }
    }

    pub(crate) fn worker(&self) -> Process {
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

pub(crate) fn gone(process: &Process) -> bool {
    Host::read().unwrap().liveness(process) == Liveness::Gone
}
