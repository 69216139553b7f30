//! A board, a home and a program in the place of `andon`. Each runner that it becomes writes its
//! spec into a file and lives until it is killed; the test plays what a real one tells the board.

mod around;
mod forgetful;

use andon_core::actor::Actor;
use andon_core::command::Command;
use andon_core::command::complete::{Complete, Handoff};
use andon_core::command::create::Create;
use andon_core::command::finish_run::{self, FinishRun};
use andon_core::command::register::Register;
use andon_core::id::{Assignee, BoardSlug, OpId, RunId, TaskId};
use andon_core::policy::Policy;
use andon_core::run::{Exit, OnExitZero, Run, Termination, Usage};
use andon_core::task::{Status, Task};
use andon_core::time::Seconds;
use andon_daemon::config::{self, Argument, Value};
use andon_daemon::dispatcher::{Dispatcher, Handle, Observer, Options, StartMode};
use andon_daemon::env::Env;
use andon_daemon::home::{Home, Layout};
use andon_daemon::profile::Profiles;
use andon_runner::identity::Host;
use andon_runner::spec::RunSpec;
use andon_store::mem::MemStore;
use andon_store::{Environment, Read, Request, Store, StoreError, SystemClock};
use around::{NoRoom, Seen};
pub(crate) use forgetful::Forgetful;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for anything; a machine under load is slow, and a failing test may be.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The program in place of `andon`: it keeps its spec, then waits to be killed. Its environment is
/// empty, so every program is named in full; it does not outlive the test by much.
const LIVING: &str = "#!/bin/sh
/bin/cat >DIR/new.$$ && /bin/mv DIR/new.$$ DIR/spec.$$ && exec /bin/sleep 100
";

/// One that ends before it has registered.
pub(crate) const FAILING: &str = "#!/bin/sh\nexit 3\n";

pub(crate) struct Stage {
    pub(crate) dir: TempDir,
    pub(crate) home: Home,
    pub(crate) layout: Layout,
    pub(crate) store: Arc<MemStore>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) env: Env,
    numbers: Arc<AtomicU32>,
    host: Host,
}

/// A runner that the dispatcher started.
pub(crate) struct Started {
    pub(crate) pid: i32,
    pub(crate) spec: RunSpec,
}

impl Started {
    pub(crate) fn run(&self) -> RunId {
        RunId(self.spec.run)
    }

    pub(crate) fn task(&self) -> TaskId {
        TaskId::parse(&self.spec.task).unwrap()
    }
}

/// A process that is killed with the test.
pub(crate) struct Worker(pub(crate) Child);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env =
            Env::from_pairs([("PATH", "/usr/bin:/bin"), ("HOME", dir.path().to_str().unwrap())]);
        let home = Home::resolve(Some(&dir.path().join("home")), &env).unwrap();
        fs::create_dir_all(home.boards_dir()).unwrap();
        let layout = Layout::new(&home, &BoardSlug::default_board());
        fs::write(layout.database(), "not opened by anybody here").unwrap();
        let numbers = Arc::new(AtomicU32::new(1));
        let mut policy = Policy::default();
        // Failures are tried again at once: no test waits for backoff.
        for rule in [&mut policy.retry.spawn, &mut policy.retry.crash] {
            rule.wait = Seconds(0);
        }
        let store = Arc::new(MemStore::new(Environment {
            clock: Arc::new(SystemClock),
            random: random(&numbers),
            policy: Arc::new(policy),
        }));
        fs::create_dir(dir.path().join("runners")).unwrap();
        let seen = Arc::default();
        let host = Host::read().unwrap();
        let stage = Self { dir, home, layout, store, seen, env, numbers, host };
        stage.program(LIVING);
        stage
    }

    /// Puts a program in the place of `andon`.
    pub(crate) fn program(&self, text: &str) {
        let path = self.dir.path().join("andon");
        let runners = self.dir.path().join("runners");
        fs::write(&path, text.replace("DIR", runners.to_str().unwrap())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn options(&self, settings: &[(&'static str, i64)]) -> Options {
        let argument = |(key, value): &(&'static str, i64)| Argument {
            key,
            value: Value::Integer(*value),
            flag: "--test",
        };
        let arguments: Vec<Argument> = settings.iter().map(argument).collect();
        let mut profiles = Profiles::built_in();
        let own = "[profiles.human]\nmanual = true\n[profiles.other]\npreset = \"shell\"\n";
        profiles.add_file(Path::new("profiles.toml"), own).unwrap();
        let store = Arc::clone(&self.store);
        Options {
            home: self.home.clone(),
            layout: self.layout.clone(),
            config: config::load(&self.home, None, &self.env, &arguments).unwrap(),
            profiles: Arc::new(profiles),
            default_workdir: None,
            andon: self.dir.path().join("andon"),
            env: Arc::new(self.env.clone()),
            open_files: None,
            mode: StartMode::StandBy,
            open: Arc::new(move || Ok(Arc::clone(&store) as Arc<dyn Store>)),
            probe: Arc::new(|| Ok(())),
            backups: Arc::new(NoRoom),
            clock: Arc::new(SystemClock),
            random: random(&self.numbers),
            observer: Arc::clone(&self.seen) as Arc<dyn Observer>,
        }
    }

    pub(crate) fn dispatch(&self, settings: &[(&'static str, i64)]) -> Handle {
        let handle = Dispatcher::spawn(self.options(settings)).unwrap();
        self.seen.wait_for("Leading");
        handle
    }

    pub(crate) fn apply(&self, command: impl Into<Command>) -> Result<(), StoreError> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 10];
        random[..4].copy_from_slice(&number.to_le_bytes());
        let op = OpId::new(1, random);
        let request = Request { op, actor: Actor::human("tester"), command: command.into() };
        self.store.apply(request).map(|_| ())
    }

    pub(crate) fn create(&self, create: Create) -> TaskId {
        let before: Vec<TaskId> = self.tasks().into_iter().map(|task| task.id).collect();
        self.apply(create).unwrap();
        let is_new = |task: &Task| !before.contains(&task.id);
        self.tasks().into_iter().find(is_new).unwrap().id
    }

    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.store.task_list(&andon_store::ListFilter::default()).unwrap()
    }

    pub(crate) fn task(&self, id: &TaskId) -> Task {
        self.store.task_get(id).unwrap().unwrap()
    }

    pub(crate) fn run(&self, id: RunId) -> Run {
        self.store.run_get(id).unwrap().unwrap()
    }

    /// Waits for something to be so.
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !is_so() {
            assert!(Instant::now() < deadline, "{what}: {:#?}", self.seen.notices.lock().unwrap());
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits until so many runners were started; the newest is the last.
    pub(crate) fn runners(&self, count: usize) -> Vec<Started> {
        self.wait_until("runners", || self.started().len() >= count);
        self.started()
    }

    pub(crate) fn started(&self) -> Vec<Started> {
        let mut started: Vec<Started> = fs::read_dir(self.dir.path().join("runners"))
            .unwrap()
            .filter_map(|entry| {
                let path = entry.unwrap().path();
                let pid = path.file_name()?.to_str()?.strip_prefix("spec.")?.parse().ok()?;
                Some(Started { pid, spec: RunSpec::read(File::open(path).ok()?).ok()? })
            })
            .collect();
        started.sort_by_key(|started| started.spec.run);
        started
    }

    /// Registers a runner with a worker of its own, as a real one does.
    pub(crate) fn register(&self, runner: &Started) -> Worker {
        let worker = std::process::Command::new("/bin/sleep")
            .arg("1000")
            .env("ANDON_RUN_MARK", &runner.spec.mark)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let register = Register {
            task: runner.task(),
            run: runner.run(),
            runner: self.host.process(runner.pid).unwrap(),
            worker: self.host.process(worker.id().cast_signed()).unwrap(),
        };
        self.apply(register).unwrap();
        Worker(worker)
    }

    /// Finishes a run as a worker and its runner do.
    pub(crate) fn finish(&self, runner: &Started) {
        let handoff = Handoff { summary: Some("done".to_owned()), ..Handoff::default() };
        self.apply(Complete {
            task: runner.task(),
            handoff,
            created_cards: Vec::new(),
            expected_run: Some(runner.run()),
        })
        .unwrap();
        self.end(runner);
    }

    /// Tells that the worker's processes are gone, as its runner does, and ends the runner.
    pub(crate) fn end(&self, runner: &Started) {
        self.apply(FinishRun {
            task: runner.task(),
            run: runner.run(),
            seen: finish_run::Seen::TreeGone,
            exit: Exit::Code(0),
            usage: Usage::default(),
            on_exit_zero: OnExitZero::Completes,
            tail: None,
            termination: Termination::default(),
        })
        .unwrap();
        kill(runner.pid);
    }

    pub(crate) fn wait_for_status(&self, task: &TaskId, status: Status) {
        let what = format!("{task} becomes {status}");
        self.wait_until(&what, || self.task(task).status == status);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.started().iter().for_each(|runner| kill(runner.pid));
    }
}

/// A task for the profile `shell`.
pub(crate) fn shell(title: &str) -> Create {
    Create {
        title: title.to_owned(),
        body: Some("true".to_owned()),
        assignee: Some(Assignee::parse("shell").unwrap()),
        ..Create::default()
    }
}

/// Kills a process of this test that is nobody's to wait for here.
pub(crate) fn kill(pid: i32) {
    let mut kill = std::process::Command::new("/bin/kill");
    kill.args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status().unwrap();
}

pub(crate) fn lives(pid: i32) -> bool {
    andon_proc::process::read(pid).is_ok_and(|stat| !stat.is_dead())
}

fn random(numbers: &Arc<AtomicU32>) -> Arc<dyn Fn() -> u32 + Send + Sync> {
    let numbers = Arc::clone(numbers);
    Arc::new(move || numbers.fetch_add(1, Ordering::Relaxed))
}
