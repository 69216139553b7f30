//! `memory`: what a dispatcher on a full board and a runner with a sleeping worker keep in memory.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::bench::figures::{ANDON, Better, Line, Measured, Spread};
use crate::bench::home::{Home, Memory, PROFILE, memory};
use crate::bench::lab::Lab;
use crate::bench::report::count;
use crate::error::TaskError;

/// A worker that has not started after that long will not.
const START_MAX: Duration = Duration::from_secs(60);
/// How often its file is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Between two looks at the memory: longer than a pass over a full board takes.
const SETTLE_EVERY: Duration = Duration::from_secs(2);
/// A process that grows for longer than all these looks is reported as it is then.
const SETTLE_LOOKS_MAX: usize = 15;
/// Processes between the worker and its runner, at the most.
const PARENTS_MAX: usize = 4;
/// The hidden verb by which a runner is known.
const RUNNER: &str = "__runner";

pub(super) fn run(lab: &Lab) -> Result<Measured, TaskError> {
    let files = lab.fresh("memory-files")?;
    let (started, stop) = (files.join("started"), files.join("stop"));
    let worker = [lab.client.path.as_path(), Path::new("sleep"), &started, &stop];
    let worker = worker.map(Path::to_string_lossy);
    let home = Home::make(lab, "memory", &worker.each_ref().map(AsRef::as_ref))?;
    lab.client.fill(&home.board, lab.counts.memory_tasks)?;
    let up = home.up(lab)?;
    let measured = measure(lab, &home, up.pid(), &started);
    // The worker ends by itself once this file is there, whatever came of the measurement.
    fs::write(&stop, "").map_err(TaskError::file("write", &stop))?;
    measured
}

fn measure(lab: &Lab, home: &Home, up: u32, started: &Path) -> Result<Measured, TaskError> {
    let mut queue = lab.client.command("queue");
    crate::process::capture(queue.arg(&home.board).arg(PROFILE))?;
    let runner = runner_of(wait_for(started)?)?;
    let (dispatcher, runner) = (settled(up)?, settled(runner)?);
    let tasks = count(lab.counts.memory_tasks);
    let mut lines = lines(&format!("`andon up`, {tasks} tasks"), dispatcher).to_vec();
    lines.extend(self::lines("a runner with a sleeping worker", runner));
    Ok(Measured { lines, notes: Vec::new() })
}

fn lines(who: &str, memory: Memory) -> [Line; 2] {
    let line = |which: &str, value: f64| Line {
        figure: format!("{who}, MiB ({which})"),
        better: Better::Lower,
        who: ANDON.to_owned(),
        sync: "–".to_owned(),
        spread: Spread::of([value]),
        remark: String::new(),
    };
    [line("VmRSS", memory.resident), line("VmHWM", memory.peak)]
}

/// The memory of a process once it no longer grows, or after the last look.
fn settled(pid: u32) -> Result<Memory, TaskError> {
    let mut last = memory(pid)?;
    for _ in 0..SETTLE_LOOKS_MAX {
        std::thread::sleep(SETTLE_EVERY);
        let now = memory(pid)?;
        let is_settled = now.resident <= last.resident;
        last = now;
        if is_settled {
            break;
        }
    }
    Ok(last)
}

/// The process id that the worker has written.
fn wait_for(started: &Path) -> Result<u32, TaskError> {
    let deadline = Instant::now() + START_MAX;
    while Instant::now() < deadline {
        if let Ok(text) = fs::read_to_string(started)
            && let Ok(pid) = text.parse()
        {
            return Ok(pid);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    let why = format!("none was started in {} s", START_MAX.as_secs());
    Err(TaskError::Malformed { what: "the worker of the bench".to_owned(), why })
}

/// The nearest process above the worker that runs the hidden verb.
fn runner_of(worker: u32) -> Result<u32, TaskError> {
    let mut pid = worker;
    for _ in 0..PARENTS_MAX {
        pid = parent(pid)?;
        let path = Path::new("/proc").join(pid.to_string()).join("cmdline");
        let words = fs::read(&path).map_err(TaskError::file("read", &path))?;
        if words.split(|byte| *byte == 0).any(|word| word == RUNNER.as_bytes()) {
            return Ok(pid);
        }
    }
    let why = format!("no process above it runs `{RUNNER}`");
    Err(TaskError::Malformed { what: format!("the parents of worker {worker}"), why })
}

fn parent(pid: u32) -> Result<u32, TaskError> {
    let path = Path::new("/proc").join(pid.to_string()).join("status");
    let text = fs::read_to_string(&path).map_err(TaskError::file("read", &path))?;
    let parent = crate::bench::machine::field(&text, "PPid").and_then(|word| word.parse().ok());
    parent.ok_or_else(|| TaskError::Malformed {
        what: format!("the status of process {pid}"),
        why: "it names no parent".to_owned(),
    })
}
