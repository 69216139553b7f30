//! A task is free only when every process of its run is gone, also those that hid and that refuse
//! to go.

use crate::env::TestEnv;
use crate::library;
use crate::processes::{self, Up, eventually, signal};
use andon_core::id::TaskId;
use andon_core::process::Process;
use andon_core::run::Run;
use andon_core::task::Status;
use andon_runner::identity::{Host, Liveness};
use andon_store::Read;
use andon_store_sqlite::SqliteStore;
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest wait for a worker to begin, and for a run to end.
const LIMIT: Duration = Duration::from_secs(60);

/// From SIGTERM to SIGKILL, as the profile says.
const GRACE: Duration = Duration::from_secs(1);

/// What an end may take beyond its grace, on a loaded machine.
const MARGIN: Duration = Duration::from_secs(15);

/// A worker whose grandchild left session and parents, and shrugs at SIGTERM. The grandchild's
/// life is bounded, in case that the test is right to fail.
const WORKER: &str = r#"
(setsid $2 sh -c 'trap "" TERM; echo $$ >"$0"; exec sleep 120' "$1/grandchild" &)
echo $$ >"$1/worker"
exec sleep 120
"#;

/// A running task and the processes of its run.
struct Scene {
    task: TaskId,
    store: SqliteStore,
    host: Host,
    processes: [Process; 2],
}

impl Scene {
    /// Makes the task. `through` is a program that starts the grandchild.
    fn set(env: &TestEnv, through: &str) -> (TaskId, String) {
        let script = env.write("worker.sh", WORKER);
        let (script, dir) = (script.display(), env.path().display());
        env.write(
            ".local/share/andon/profiles.toml",
            format!(
                "[profiles.stubborn]\n\
                 command = [\"sh\", \"{script}\", \"{dir}\", \"{through}\"]\n\
                 limits = {{ grace = \"{}s\" }}\n",
                GRACE.as_secs()
            ),
        );
        let task = env.create(&["A", "--assignee", "stubborn"]);
        (TaskId::parse(&task).unwrap(), task)
    }

    /// Waits until worker and grandchild are there.
    fn meet(env: &TestEnv, task: TaskId) -> Self {
        let host = Host::read().unwrap();
        let processes = ["worker", "grandchild"].map(|name| {
            let known = || host.process(number_in(&env.path().join(name))?).ok();
            eventually(LIMIT, known).unwrap_or_else(|| panic!("{}", processes::log(env)))
        });
        Self { task, store: library::open(env), host, processes }
    }

    fn run(&self) -> Run {
        self.store.run_list(&self.task).unwrap().pop().unwrap()
    }

    fn is_gone(&self) -> bool {
        let gone = |process| self.host.liveness(process) == Liveness::Gone;
        self.processes.iter().all(gone)
    }

    /// Follows the task to `blocked`. Looks at the board first: what it says must then be true.
    fn follow_to_blocked(&self) {
        let freed = eventually(LIMIT, || {
            let status = self.store.task_get(&self.task).unwrap().unwrap().status;
            match status {
                Status::Blocked => Some(self.is_gone()),
                other => {
                    assert_eq!(other, Status::Running);
                    None
                }
            }
        });
        assert_eq!(freed, Some(true), "the task was free before its processes were gone");
        assert!(self.run().keeper.unwrap().gone_at.is_some());
        assert_eq!(self.run().outcome.as_deref(), Some("cancelled"));
    }
}

fn number_in(path: &Path) -> Option<i32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[test]
fn cancel_ends_a_grandchild_that_hides_and_ignores_sigterm_before_the_task_is_free() {
    let env = processes::env();
    // Without the mark in its environment, only its descent tells whose it is.
    let (task, text) = Scene::set(&env, "env -i");
    let _up = Up::start(&env, &[]);
    let scene = Scene::meet(&env, task);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let cancel = scope.spawn(|| (env.run(&["cancel", &text]), begun.elapsed()));
        let asked = || scene.run().keeper.unwrap().stop.map(drop);
        eventually(LIMIT, asked).unwrap();
        let claim = env.run(&["claim", &text]);
        assert_eq!(claim.code, 1, "{claim}");
        scene.follow_to_blocked();
        let (cancel, took) = cancel.join().unwrap();
        assert_eq!(cancel.code, 0, "{cancel}");
        assert!(GRACE <= took && took < GRACE + MARGIN, "{took:?}");
    });
}

#[test]
fn cancel_is_carried_out_when_the_runner_is_killed_meanwhile() {
    let env = processes::env();
    let (task, text) = Scene::set(&env, "env");
    let _up = Up::start(&env, &[]);
    let scene = Scene::meet(&env, task);
    env.ok(&["cancel", &text, "--no-wait"]);
    signal(scene.run().keeper.unwrap().runner.unwrap().pid, Signal::KILL);
    scene.follow_to_blocked();
}

#[test]
fn cancel_needs_no_dispatcher() {
    let env = processes::env();
    let (task, text) = Scene::set(&env, "env");
    let mut up = Up::start(&env, &[]);
    let scene = Scene::meet(&env, task);
    up.kill();
    let cancel = env.run(&["cancel", &text]);
    assert_eq!(cancel.code, 0, "{cancel}");
    scene.follow_to_blocked();
}

#[test]
fn what_a_dead_runner_left_is_found_by_a_dispatcher_that_calls_the_home_by_another_path() {
    let env = processes::env();
    let (task, _) = Scene::set(&env, "env");
    let link = env.path().join("link");
    std::os::unix::fs::symlink(env.home(), &link).unwrap();
    env.ok(&["--home", link.to_str().unwrap(), "dispatch"]);
    let scene = Scene::meet(&env, task);
    signal(scene.run().keeper.unwrap().runner.unwrap().pid, Signal::KILL);
    let _up = Up::start(&env, &[]);
    let first = || scene.store.run_list(&scene.task).unwrap().swap_remove(0);
    let told = eventually(LIMIT, || first().keeper.unwrap().gone_at.map(|_| scene.is_gone()));
    assert_eq!(told, Some(true), "the board was told of an end before it was one");
    assert_eq!(first().outcome.as_deref(), Some("crashed"));
}
