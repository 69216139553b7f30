//! A short worker that writes down its own life, leaves descendants behind, and ends in one of
//! several ways.

use crate::torture::Failure;
use crate::torture::chance::Chance;
use crate::torture::history::record::{Phase, now};
use crate::torture::history::{Log, Record, Trace};
use rustix::io::{FdFlags, fcntl_setfd};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Signs of life, and the time between two of them.
const SIGNS: u32 = 4;
const BETWEEN: Duration = Duration::from_millis(15);
/// What a greedy worker takes, more than its profile allows: in MiB.
const GREED_MIB: usize = 96;

/// Works on the task that the environment names.
pub(super) fn run(logs: &Path, andon: &Path, ending: &str) -> Result<(), Failure> {
    let task = std::env::var("ANDON_TASK")?;
    let run: i64 = std::env::var("ANDON_RUN_ID")?.parse()?;
    let pid = std::process::id();
    let mut log = Log::create(&logs.join(format!("worker-{run}-{pid}-{}.jsonl", now())))?;
    let life = |phase| Record::Life { at: now(), task: task.clone(), run, pid, phase };
    // The kernel keeps this lock as long as any process that descends from here lives.
    let lock = File::create(logs.with_file_name("locks").join(&task))?;
    fcntl_setfd(&lock, FdFlags::empty())?;
    if lock.try_lock().is_err() {
        log.write(&life(Phase::Clash))?;
        return Err("another worker of the task is alive".into());
    }
    log.write(&life(Phase::Begin))?;
    // Somebody who left the session, and would stay for long.
    let mut stray = Command::new("setsid");
    stray.args(["sleep", "600"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _left_to_the_runner = stray.spawn()?;
    for _ in 0..SIGNS {
        super::pace::rest(BETWEEN);
        log.write(&life(Phase::Alive))?;
    }
    if ending == "greedy" {
        take_memory();
    }
    log.write(&life(Phase::End))?;
    if ending == "report" {
        report(&mut log, andon, (&task, run))?;
    }
    Ok(())
}

/// Touches more memory than the profile allows, and waits to be ended for it.
fn take_memory() {
    let mut taken = vec![0u8; GREED_MIB << 20];
    for page in taken.chunks_mut(4096) {
        page[0] = 1;
    }
    super::pace::rest(Duration::from_secs(5));
    drop(std::hint::black_box(taken));
}

fn report(log: &mut Log, andon: &Path, (task, run): (&str, i64)) -> Result<(), Failure> {
    let mut chance = Chance::new(now() ^ u64::from(std::process::id()) << 40);
    let op = super::call::fresh_id(&mut chance);
    let (verb, named) = ("complete".to_owned(), Some(task.to_owned()));
    log.write(&Record::Start {
        at: now(),
        op: op.clone(),
        verb,
        task: named.clone(),
        run: Some(run),
    })?;
    let mut command = Command::new(andon);
    command.args(["complete", task, "--summary", &format!("op-{op}"), "--json"]);
    let output = command.stdin(Stdio::null()).output()?;
    let record = super::call::heard(op, &output, Trace::Text);
    log.write(&record)?;
    Ok(())
}
