//! Where the host hands a control group over (cgroup v2), each run has one of its own in it.

use crate::env::TestEnv;
use crate::library;
use crate::processes::{self, eventually, signal};
use andon_core::id::TaskId;
use andon_runner::identity::{Host, Liveness};
use andon_store::Read;
use rustix::fs::XattrFlags;
use rustix::process::Signal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Longest wait for a worker to begin, and for a run to end.
const LIMIT: Duration = Duration::from_secs(60);

/// A group that is handed over as a service manager does it.
struct HandedOver(PathBuf);

impl HandedOver {
    fn make() -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let mount = mounts.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            (fields.get(2) == Some(&"cgroup2")).then(|| Path::new(fields[1]))
        })?;
        let own = mount.join(format!("andon-test-{}", uuid()));
        fs::create_dir(&own).ok()?;
        let handed_over = Self(own);
        let flags = XattrFlags::empty();
        rustix::fs::setxattr(&handed_over.0, "user.delegate", b"1", flags).ok()?;
        Some(handed_over)
    }

    /// Calls `andon dispatch` from within.
    fn dispatch(&self, env: &TestEnv) {
        let plain = env.command();
        let mut command = Command::new("sh");
        command.args(["-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$1\" dispatch"]);
        command.arg(&self.0).arg(plain.get_program()).current_dir(env.path()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let ran = env.ran(command.output().unwrap());
        assert_eq!(ran.code, 0, "{ran}");
    }

    /// Names of the groups within.
    fn groups(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap().map(Result::unwrap);
        let groups = entries.filter(|entry| entry.file_type().unwrap().is_dir());
        groups.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        // The kernel removes it only when the last process has left.
        eventually(LIMIT, || fs::remove_dir(&self.0).ok());
    }
}

/// Unlike that of every other test that runs now.
fn uuid() -> String {
    let dir = tempfile::tempdir().unwrap();
    dir.path().file_name().unwrap().to_str().unwrap().to_owned()
}

#[expect(clippy::print_stderr, reason = "a skipped test must not look like one that passed")]
fn handed_over() -> Option<HandedOver> {
    let made = HandedOver::make();
    if made.is_none() {
        eprintln!("skipped: this user may not make a control group");
    }
    made
}

#[test]
fn a_run_has_a_control_group_of_its_own_that_ends_with_it() {
    let Some(group) = handed_over() else { return };
    let env = processes::env();
    let task = env.create(&["A", "--assignee", "shell", "--body", "cat /proc/self/cgroup"]);
    group.dispatch(&env);
    let done = eventually(LIMIT, || (env.status(&task) == "done").then_some(()));
    assert!(done.is_some(), "{}", env.run(&["show", &task]));
    let log = env.ok(&["log", &task]);
    assert!(log.contains(&format!("/andon-{task}.1.default.")), "{log}");
    let left = || group.groups().is_empty().then_some(());
    assert!(eventually(LIMIT, left).is_some(), "{:?}", group.groups());
}

#[test]
fn the_group_that_a_killed_runner_leaves_is_removed_when_its_tree_is_gone() {
    let Some(group) = handed_over() else { return };
    let env = processes::env();
    let text = env.create(&["A", "--assignee", "shell", "--body", "exec sleep 120"]);
    group.dispatch(&env);
    let (store, task) = (library::open(&env), TaskId::parse(&text).unwrap());
    let keeper = || store.run_list(&task).unwrap().swap_remove(0).keeper.unwrap();
    let runner = eventually(LIMIT, || keeper().runner).unwrap();
    assert_eq!(group.groups().len(), 1);
    env.ok(&["pause"]);
    signal(runner.pid, Signal::KILL);
    // One pass is made, and it must find the runner dead.
    let host = Host::read().unwrap();
    let is_dead = || (host.liveness(&runner) == Liveness::Gone).then_some(());
    eventually(LIMIT, is_dead).unwrap();
    group.dispatch(&env);
    assert!(eventually(LIMIT, || keeper().gone_at).is_some(), "{}", env.run(&["show", &text]));
    assert_eq!(group.groups(), Vec::<String>::new());
}
