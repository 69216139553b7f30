//! The machine and the versions: what a figure means nothing without. Names no host and no path.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::error::TaskError;
use crate::process;

use super::answer::Versions;
use super::first_line;
use super::lab::Lab;

/// What the report says of where it was made.
pub(super) struct Machine {
    /// Day in UTC.
    pub(super) date: String,
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) memory_gib: u64,
    pub(super) kernel: String,
    pub(super) filesystem: String,
    /// Commit of the checkout.
    pub(super) commit: String,
    pub(super) compiler: String,
    /// The SQLite inside Andon.
    pub(super) sqlite: String,
    pub(super) peers: Vec<(&'static str, Versions)>,
}

impl Machine {
    pub(super) fn read(lab: &Lab) -> Result<Self, TaskError> {
        let info = read("/proc/cpuinfo")?;
        let memory = read("/proc/meminfo")?;
        let kib: u64 = field(&memory, "MemTotal")
            .and_then(|text| text.split_whitespace().next()?.parse().ok())
            .unwrap_or(0);
        Ok(Self {
            date: first_line("date", &["-u", "+%Y-%m-%d"])?,
            processor: field(&info, "model name").unwrap_or("unknown").to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: kib.div_ceil(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            filesystem: filesystem(lab.directory())?,
            commit: commit()?,
            compiler: first_line("rustc", &["--version"])?,
            sqlite: lab.client.versions()?.sqlite,
            peers: lab.peers.versions()?,
        })
    }
}

/// How long nothing is done in order to see what others do: some hundred of the kernel's ticks.
const PAUSE: Duration = Duration::from_secs(3);

/// Does nothing for a moment and says how many processors were busy meanwhile. The usual load
/// would not do: it still contains our own build a minute later.
pub(super) fn busy_with_others() -> Result<f64, TaskError> {
    let before = read("/proc/stat")?;
    std::thread::sleep(PAUSE);
    let after = read("/proc/stat")?;
    busy_between(&before, &after).ok_or_else(|| TaskError::Malformed {
        what: "/proc/stat".to_owned(),
        why: "it does not begin with the times of all processors".to_owned(),
    })
}

/// Busy processors between two readings of `/proc/stat`.
pub(super) fn busy_between(before: &str, after: &str) -> Option<f64> {
    let (before, after) = (Ticks::read(before)?, Ticks::read(after)?);
    let all = after.all - before.all;
    let share = if all > 0.0 { 1.0 - (after.idle - before.idle) / all } else { 0.0 };
    Some(share * after.processors)
}

/// Times of all processors since the start, in ticks of the kernel.
struct Ticks {
    all: f64,
    /// Without work, or waiting for the disk.
    idle: f64,
    processors: f64,
}

impl Ticks {
    fn read(stat: &str) -> Option<Self> {
        let words = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        let times: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
        // user, nice, system, idle, iowait, irq, softirq, steal; what follows is contained in user.
        let times = times.get(..8)?;
        let is_processor = |line: &&str| line.starts_with("cpu") && !line.starts_with("cpu ");
        let processors = u32::try_from(stat.lines().filter(is_processor).count()).ok()?;
        let idle = times[3] + times[4];
        Some(Self { all: times.iter().sum(), idle, processors: f64::from(processors) })
    }
}

/// Refuses a directory in memory: a sync there costs nothing and every figure would be wrong.
pub(super) fn require_disk(directory: &Path) -> Result<(), TaskError> {
    let filesystem = filesystem(directory)?;
    if matches!(filesystem.as_str(), "tmpfs" | "ramfs") {
        let why = format!("it is on {filesystem}; set CARGO_TARGET_DIR to a directory on a disk");
        return Err(TaskError::Malformed { what: "the bench's directory".to_owned(), why });
    }
    Ok(())
}

/// The kind of filesystem that a directory is on.
fn filesystem(directory: &Path) -> Result<String, TaskError> {
    let directory = fs::canonicalize(directory).map_err(TaskError::file("find", directory))?;
    let mounts = read("/proc/self/mountinfo")?;
    Ok(kind_of(&mounts, &directory).unwrap_or("unknown").to_owned())
}

/// The kind of the mount that reaches furthest into the path.
pub(super) fn kind_of<'a>(mounts: &'a str, directory: &Path) -> Option<&'a str> {
    mounts
        .lines()
        .filter_map(|line| {
            // The fifth word is the place, the first one after the dash is the kind.
            let (mount, kind) = line.split_once(" - ")?;
            let place = Path::new(mount.split(' ').nth(4)?);
            directory.starts_with(place).then_some((place, kind.split(' ').next()?))
        })
        .max_by_key(|(place, _)| place.components().count())
        .map(|(_, kind)| kind)
}

/// The commit, marked when the checkout differs from it.
fn commit() -> Result<String, TaskError> {
    let root = crate::tree::root();
    let git = |arguments: &[&str]| {
        process::capture(std::process::Command::new("git").args(arguments).current_dir(&root))
    };
    let hash = git(&["rev-parse", "--short", "HEAD"])?;
    let changes = git(&["status", "--porcelain"])?;
    let mark = if changes.trim().is_empty() { "" } else { ", with changes" };
    Ok(format!("{}{mark}", hash.trim()))
}

/// The text after the colon of the first line that begins with the name.
pub(super) fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

fn read(path: &str) -> Result<String, TaskError> {
    let path = Path::new(path);
    fs::read_to_string(path).map_err(TaskError::file("read", path))
}
