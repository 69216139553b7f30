//! Processes as a test sees them: a dispatcher that it may kill, and workers by their marks.

use crate::env::TestEnv;
use rustix::process::{Pid, Signal, kill_process};
use rustix::time::Timespec;
use std::fs::{self, File};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Between two looks at a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Last lines of the dispatcher's output that a failed test shows.
const LOG_LINES: usize = 40;

/// An environment in which workers find the programs of this machine.
pub(crate) fn env() -> TestEnv {
    TestEnv::new().with("PATH", std::env::var("PATH").unwrap())
}

/// `andon up`, killed when dropped; what its workers left is killed, too.
pub(crate) struct Up<'env> {
    env: &'env TestEnv,
    arguments: &'static [&'static str],
    child: Child,
}

impl<'env> Up<'env> {
    pub(crate) fn start(env: &'env TestEnv, arguments: &'static [&'static str]) -> Self {
        Self { env, arguments, child: spawn(env, arguments, "") }
    }

    /// One that meets with these faults, and its runners with it; those that follow it do not.
    pub(crate) fn doomed(
        env: &'env TestEnv,
        arguments: &'static [&'static str],
        faults: &str,
    ) -> Self {
        Self { env, arguments, child: spawn(env, arguments, faults) }
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Kills it and starts another one.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.child = spawn(self.env, self.arguments, "");
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        let child = &mut self.child;
        eventually(limit, || child.try_wait().unwrap())
            .unwrap_or_else(|| panic!("`andon up` did not end:\n{}", log(self.env)))
    }
}

impl Drop for Up<'_> {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        for pid in marked(self.env) {
            signal(pid, Signal::KILL);
        }
    }
}

fn spawn(env: &TestEnv, arguments: &[&str], faults: &str) -> Child {
    let log = File::options().create(true).append(true).open(env.path().join("up.log")).unwrap();
    let mut command = env.doomed(faults);
    command.arg("up").args(arguments).stdout(Stdio::from(log.try_clone().unwrap()));
    command.stderr(Stdio::from(log)).spawn().unwrap()
}

/// The end of what dispatchers said.
pub(crate) fn log(env: &TestEnv) -> String {
    let text = fs::read_to_string(env.path().join("up.log")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

/// What a dispatcher says with `--json` when it puts a board into quarantine. The bare word stands
/// in its first line, too, which has a field of that name.
pub(crate) const QUARANTINED: &str = r#""kind":"quarantined""#;

/// Waits until a dispatcher has said this.
pub(crate) fn await_word(env: &TestEnv, limit: Duration, word: &str) {
    let said = || log(env).contains(word).then_some(());
    assert!(eventually(limit, said).is_some(), "nobody said {word:?}:\n{}", log(env));
}

/// Living processes of any run of this test's board, by what their environment says.
pub(crate) fn marked(env: &TestEnv) -> Vec<i32> {
    let board = format!("ANDON_DB={}", env.database().display());
    let of_board = |pid: &i32| {
        let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let has = |start: &[u8]| environ.split(|byte| *byte == 0).any(|it| it.starts_with(start));
        has(b"ANDON_RUN_MARK=") && has(board.as_bytes())
    };
    let numbers = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok().and_then(|entry| entry.file_name().to_str()?.parse().ok()));
    numbers.filter(of_board).collect()
}

/// Sends a signal; nothing happens where there is no such process.
#[expect(clippy::disallowed_methods, reason = "a test plays the hand that kills")]
pub(crate) fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).ok();
}

/// Waits for a condition; nothing if it is not met within the limit.
pub(crate) fn eventually<T>(
    limit: Duration,
    mut condition: impl FnMut() -> Option<T>,
) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(met) = condition() {
            return Some(met);
        }
        if Instant::now() >= deadline {
            return None;
        }
        pause(LOOK_AGAIN);
    }
}

/// Lets time pass.
pub(crate) fn pause(span: Duration) {
    rustix::event::poll(&mut [], Some(&Timespec::try_from(span).unwrap())).unwrap();
}
