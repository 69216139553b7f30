//! Proof that a demo leaves no process behind: a look through all processes of this host.

use andon_proc::process;
use std::path::Path;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// How long the last runners may take to end after they have recorded the end of their runs.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Waits until nothing is left; else says what is.
pub(super) fn wait(home: &Path) -> Vec<i32> {
    let deadline = Instant::now() + WAIT_MAX;
    loop {
        let left = find(home);
        if left.is_empty() || Instant::now() >= deadline {
            return left;
        }
        park_timeout(LOOK);
    }
}

/// Living processes of the demo: workers and all they started carry the home in their
/// environment, and runners are children of this process.
fn find(home: &Path) -> Vec<i32> {
    let me = rustix::process::getpid().as_raw_pid();
    let marked = format!("ANDON_HOME={}\0", home.display());
    let is_ours = |stat: &process::Stat| {
        stat.parent == me || {
            let environment = std::fs::read(format!("/proc/{}/environ", stat.pid));
            let has_mark = |text: &Vec<u8>| {
                text.windows(marked.len()).any(|window| window == marked.as_bytes())
            };
            environment.as_ref().is_ok_and(has_mark)
        }
    };
    let all = process::all().unwrap_or_default().into_iter();
    let ours = all.filter(|stat| stat.pid != me && !stat.is_dead() && is_ours(stat));
    ours.map(|stat| stat.pid).collect()
}
