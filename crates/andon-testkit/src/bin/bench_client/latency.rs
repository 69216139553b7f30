//! From a task's commit to its worker's first instruction, one task at a time on an idle board. The
//! dispatcher and the worker are processes of their own; the clock is the machine's.

use crate::answer::{Spans, spans};
use crate::board::Client;
use crate::{Answer, Failure, stamp};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Enough for the dispatcher to have started and for files to be in the cache.
const WARM_UP: usize = 5;
/// A worker that has not started after that long will not: far above a dispatcher's start and every
/// wait of a first attempt.
const START_MAX: Duration = Duration::from_secs(30);
/// How often the stamp is looked for. What is measured is in the stamp, so looking often would only
/// take the processor from those who are measured.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Lets the run be closed before the next task comes, so that the board is idle.
const SETTLE: Duration = Duration::from_millis(50);

/// Creates tasks for the profile and compares their workers' stamps with the commits.
pub(crate) fn run(board: &Path, tasks: usize, stamps: &Path, profile: &str) -> Answer {
    let client = Client::open(board)?;
    let (mut from_commit, mut from_call) = (Vec::new(), Vec::new());
    for number in 0..WARM_UP + tasks {
        let called = SystemTime::now();
        let task = client.create_for(format!("task {number}"), profile)?;
        let committed = SystemTime::now();
        let first = wait_for(&stamps.join(task.as_str()))?;
        if number >= WARM_UP {
            from_commit.push(milliseconds_between(committed, first));
            from_call.push(milliseconds_between(called, first));
        }
        std::thread::sleep(SETTLE);
    }
    Ok(Some(json!({
        "sync": client.sync_mode(),
        "from_commit_ms": shape(&spans(from_commit)),
        "from_call_ms": shape(&spans(from_call)),
    })))
}

/// Makes one ready task for a profile.
pub(crate) fn queue(board: &Path, profile: &str) -> Answer {
    let task = Client::open(board)?.create_for("queued".to_owned(), profile)?;
    Ok(Some(json!({ "task": task.as_str() })))
}

fn shape(spans: &Spans) -> serde_json::Value {
    json!({ "samples": spans.samples, "p50": spans.p50, "p99": spans.p99, "max": spans.max })
}

fn wait_for(file: &Path) -> Result<SystemTime, Failure> {
    let deadline = Instant::now() + START_MAX;
    while Instant::now() < deadline {
        if let Some(instant) = stamp::read(file)? {
            return Ok(instant);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    let file: PathBuf = file.to_owned();
    Err(format!("no worker wrote {} in {} s", file.display(), START_MAX.as_secs()).into())
}

/// Below zero when the worker ran before the creator had even been told of its commit.
fn milliseconds_between(earlier: SystemTime, later: SystemTime) -> f64 {
    match later.duration_since(earlier) {
        Ok(span) => span.as_secs_f64() * 1e3,
        Err(error) => -error.duration().as_secs_f64() * 1e3,
    }
}
